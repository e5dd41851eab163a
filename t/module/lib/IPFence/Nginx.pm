package IPFence::Nginx;

# An nginx in a directory of its own: started, looked at, reloaded, upgraded. What it is configured with is for others to say
# (IPFence::Gate), who make the object: `dir`, `port`, and where it is given `workers`, `daemon`, `preload`, `ignored_signal`.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IO::Socket::INET;
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);
use version;

use Exporter qw(import);
our @EXPORT_OK = qw(is_running nginx_path nginx_since read_whole sanitizer_environment wait_for workers_of);

my $libraries = abs_path(dirname(__FILE__) . '/..');

sub file { my ($self, $name) = @_; return "$self->{dir}/$name" }

sub nginx_path { $ENV{IPFENCE_NGINX} // '/usr/sbin/nginx' }

# Whether the nginx that runs is of this version ("1.23.0") or a newer one: what it does itself has changed.
sub nginx_since {
    my ($wanted) = @_;
    my ($version) = qx(${\ nginx_path() } -v 2>&1) =~ m{nginx/([\d.]+)} or die "nginx does not say its version\n";
    return version->parse("v$version") >= version->parse("v$wanted");
}

sub nginx_command {
    my ($self) = @_;
    return (nginx_path(), '-e', $self->file('error.log'),
            '-p', $self->{dir}, '-c', $self->file('nginx.conf'));
}

sub sanitizer_environment {
    return () unless $ENV{IPFENCE_SANITIZE};
    chomp(my @libraries = map { `g++ -print-file-name=$_` } qw(libasan.so libubsan.so));
    return (LD_PRELOAD => join(' ', @libraries), ASAN_OPTIONS => 'detect_leaks=0');
}

# `nginx -t`: (exit code, what it printed).
sub test_configuration {
    my ($self) = @_;
    my %environment = sanitizer_environment();
    local @ENV{keys %environment} = values %environment;
    my $command = join ' ', $self->nginx_command, '-t';
    my $output = `$command 2>&1`;
    return ($? >> 8, $output);
}

sub start {
    my ($self) = @_;
    my %environment = sanitizer_environment();
    $environment{LD_PRELOAD} = join ' ', grep { $_ } $environment{LD_PRELOAD}, $self->{preload} if $self->{preload};
    $environment{SHIFTED_CLOCK} = $self->file('clock') if $self->{preload};
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        setpgrp;
        $SIG{$self->{ignored_signal}} = 'IGNORE' if $self->{ignored_signal};    # and so in nginx
        @ENV{keys %environment} = values %environment;
        open STDOUT, '>', '/dev/null';
        open STDERR, '>>', $self->file('stderr.log');
        exec $self->nginx_command or die "nginx: $!";
    }
    $self->{pid} = $pid;
    my $deadline = time + ($ENV{IPFENCE_VALGRIND_LOGS} ? 180 : 60);
    until (IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) && $self->has_workers) {
        my $ended = waitpid($pid, WNOHANG) && !$self->{daemon};
        die "nginx did not start:\n" . $self->error_log if time > $deadline || $ended;
        sleep 0.02;
    }
    $self->{pid} = $self->master if $self->{daemon};
    return $self;
}

# Whether a process is there and not merely unburied: a daemon's parent need not be one that waits.
sub is_running {
    my ($pid) = @_;
    waitpid $pid, WNOHANG;
    return read_whole("/proc/$pid/stat") =~ /\) [^ZX]/;
}

# Nginx listens before a daemon says which process it is, before a signal is sure to be seen, and before its last worker
# is there.
sub has_workers {
    my ($self) = @_;
    my $master = $self->{daemon} ? $self->master : $self->{pid};
    return $master && workers_of($master) >= ($self->{workers} // 1);
}

# Whether it is so within some seconds.
sub wait_for {
    my ($what, $seconds) = @_;
    my $deadline = time + ($seconds // 10);
    until ($what->()) { return 0 if time > $deadline; sleep 0.02 }
    return 1;
}

# The processes of the workers.
sub workers { my ($self) = @_; return workers_of($self->{pid}) }
sub workers_of {
    my ($master) = @_;
    # Not every kernel has it; but a program to ask comes late on a machine that has much else to do.
    my $children = "/proc/$master/task/$master/children";
    return split ' ', -e $children ? read_whole($children) : qx(pgrep -P $master);
}

# Compiles a source of t/module/lib, which nginx loads first when it starts: the compiler's exit status.
sub compile_preload {
    my ($self, $source) = @_;
    $self->{preload} = $self->file("$source.so");
    return system 'cc', '-shared', '-fPIC', '-O1', '-o', $self->{preload}, "$libraries/$source";
}

# The process that the pid file names.
sub master { my ($self) = @_; return (read_whole($self->file('nginx.pid')) =~ /(\d+)/)[0] }

sub signal { my ($self, $name) = @_; kill $name => $self->{pid} }

# Reloads, and says whether there are other workers then, and as many.
sub reload {
    my ($self) = @_;
    my %old = map { $_ => 1 } $self->workers;
    $self->signal('HUP');
    return wait_for(sub { my @now = $self->workers; @now == keys %old && !grep { $old{$_} } @now });
}

# Upgrades the binary of a daemon and takes that back (USR2, WINCH, HUP to the old master): the new worker, whose number is
# that of one which still ends.
sub take_back_upgrade {
    my ($self) = @_;
    my $old = $self->{pid};
    my ($last) = $self->workers;
    kill USR2 => $old;
    return if !wait_for(sub { -e $self->file('nginx.pid.oldbin') && $self->master && $self->master != $old && workers_of($self->master) });
    my $new = $self->master;
    my %before = map { $_ => 1 } $new, workers_of($old);
    kill WINCH => $old;
    return if !wait_for(sub { $self->error_log =~ /$last#\d+: gracefully shutting down/ });
    kill HUP => $old;
    my $worker;
    return if !wait_for(sub { ($worker) = grep { !$before{$_} } workers_of($old); $worker });
    kill QUIT => $new;
    return wait_for(sub { !is_running($new) && !-e $self->file('nginx.pid.oldbin') }) && $worker;
}

sub error_log { my ($self) = @_; return read_whole($self->file('error.log')) . read_whole($self->file('stderr.log')) }

sub read_whole {
    my ($name) = @_;
    open my $handle, '<:raw', $name or return '';
    local $/;
    return <$handle> // '';
}

1;
