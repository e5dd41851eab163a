package Bench::Nginx;

# An nginx made of a file of t/bench/conf, in a directory of its own, and what its workers cost. Words in capitals in
# those files are filled in by `start`.

use strict;
use warnings;

use File::Path qw(make_path);
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);

my $conf = "$FindBin::Bin/conf";
my @started;

my %given_ports;

# Below the ports that the system gives to connections (from 32768); none twice, since a server that is still to be
# started does not listen yet.
sub free_port {
    for (1 .. 100) {
        my $port = 12_000 + int rand 20_000;
        next if $given_ports{$port}++;
        return $port if IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => $port);
    }
    die "bench: no free port: $!\n";
}

sub cores { scalar grep {/^processor\b/} split /\n/, contents('/proc/cpuinfo') }

# Load and provider run on the last core, workers from the first one on.
sub load_core { cores() - 1 }

sub contents {
    my ($file) = @_;
    open my $in, '<', $file or die "bench: $file: $!\n";
    local $/ = undef;
    return scalar <$in>;
}

sub write_file {
    my ($file, $text) = @_;
    open my $out, '>', $file or die "bench: $file: $!\n";
    print {$out} $text;
    close $out or die "bench: $file: $!\n";
}

# start(name => template, directory => …, workers => 1, core => first core, words => {…}, files => {name => text});
# with `under`, a command that runs it, it is a single process.
sub start {
    my ($class, %given) = @_;
    my $self = bless {workers => 1, core => 0, %given, port => free_port()}, $class;
    make_path($self->{directory}, {mode => 0755});
    write_file("$self->{directory}/$_", $given{files}{$_}) for keys %{$given{files} // {}};
    my %words = (
        %{$given{words} // {}},
        PORT => $self->{port},
        WORKERS => $self->{workers},
        DAEMON => $given{under} ? 'off' : 'on',
        AFFINITY => join(' ', map { affinity($self->{core} + $_) } 0 .. $self->{workers} - 1),
    );
    my $any = join '|', sort { length $b <=> length $a } keys %words;
    for my $file ('main.conf', 'common.conf', "$given{name}.conf") {
        my $text = contents("$conf/$file") =~ s/\b($any)\b/$words{$1}/gr;
        # A template with several servers names the ports of all but one.
        $text =~ s/\bPORT_([A-Z_]+)\b/$self->{ports}{$1} \/\/= free_port()/ge;
        write_file("$self->{directory}/$file", $text);
    }
    my @command = ('nginx', '-e', 'error.log', '-p', $self->{directory}, '-c', "$given{name}.conf");
    push @started, $self;
    return $self->start_alone(@{$given{under}}, @command) if $given{under};
    system(@command) == 0 or die "bench: nginx does not start with $given{name}.conf\n";
    $self->find_workers;
    return $self;
}

sub start_alone {
    my ($self, @command) = @_;
    $self->{child} = $self->{master} = fork // die "bench: fork: $!\n";
    if ($self->{child} == 0) {
        exec @command, '-g', 'master_process off;' or die "bench: $command[0]: $!\n";
    }
    for (1 .. 300) {
        return $self if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
        die "bench: nginx does not start with $self->{name}.conf\n" if waitpid($self->{child}, POSIX::WNOHANG) != 0;
        sleep 0.1;
    }
    die "bench: $self->{name}.conf does not listen\n";
}

# The port of the server with a name, or of the one that has none.
sub port_of {
    my ($self, $server) = @_;
    return defined $server ? $self->{ports}{$server} : $self->{port};
}

# A core as nginx's bit mask; one that the machine does not have wraps around.
sub affinity { '1' . '0' x ($_[0] % cores()) }

sub children_of { my ($pid) = @_; return split ' ', contents("/proc/$pid/task/$pid/children") }

sub find_workers {
    my ($self) = @_;
    for (1 .. 300) {
        my $pid_file = "$self->{directory}/nginx.pid";
        if (-s $pid_file) {
            chomp(my $master = contents($pid_file));
            my @workers = children_of($master);
            # Before it is a worker, it is the master's copy.
            @workers = grep { contents("/proc/$_/cmdline") =~ /worker process/ } @workers;
            @$self{qw(master worker_pids)} = ($master, \@workers);
            return if @workers == $self->{workers};
        }
        sleep 0.1;
    }
    die "bench: $self->{name}.conf has no worker\n";
}

# CPU seconds of a process, user and system, to the nanosecond: /proc/PID/stat counts hundredths of a second.
sub cpu_of {
    my ($pid) = @_;
    my $nanoseconds = 0;
    $nanoseconds += (split ' ', contents($_))[0] for glob "/proc/$pid/task/*/schedstat";
    return $nanoseconds / 1e9;
}

sub cpu {
    my ($self) = @_;
    my $sum = 0;
    $sum += cpu_of($_) for @{$self->{worker_pids}};
    return $sum;
}

# Empties its logs: the next ones are given the same memory.
sub empty_logs {
    my ($self) = @_;
    truncate $_, 0 or die "bench: $_: $!\n" for glob "$self->{directory}/*.ndjson";
}

# Kibibytes of the first worker; shared pages count by the share that is its own (proc(5), Pss).
sub memory {
    my ($self) = @_;
    return contents("/proc/$self->{worker_pids}[0]/smaps_rollup") =~ /^Pss:\s+(\d+) kB/m ? $1 : die "bench: no Pss\n";
}

# Whether it is gone, or within so many seconds. Of a child, the exit status is kept.
sub is_gone {
    my ($self, $seconds) = @_;
    my $deadline = time + $seconds;
    do {
        if ($self->{child}) {
            if (waitpid($self->{child}, POSIX::WNOHANG) != 0) {
                $self->{status} = $?;
                return 1;
            }
        } elsif (!kill 0, $self->{master}) {
            return 1;
        }
        sleep 0.05;
    } while (time < $deadline);
    return 0;
}

sub stop {
    my ($self) = @_;
    return if !$self->{master};
    kill 'QUIT', $self->{master};
    if (!$self->is_gone(5)) {
        kill 'TERM', $self->{master};
        $self->is_gone(60);  # a snapshot of ten million tokens takes its time
    }
    delete $self->{master};
}

# Ends a child that has something to write when it ends, and waits for that, however busy the machine is.
sub finish {
    my ($self) = @_;
    kill 'QUIT', $self->{master};
    if (!$self->is_gone(120)) {
        kill 'KILL', $self->{master};
        die "bench: $self->{name}.conf does not end\n";
    }
    delete $self->{master};
    die "bench: $self->{name}.conf ended with status $self->{status}: ", contents("$self->{directory}/error.log"), "\n"
        if $self->{status} != 0;
}

sub stop_all { $_->stop for splice @started }

1;
