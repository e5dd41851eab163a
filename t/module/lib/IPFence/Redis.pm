package IPFence::Redis;

# Redis servers of the test's own: one alone, one with a replica and a Sentinel, three as a cluster. They listen on
# 127.0.0.1 and free ports, live in temporary directories, and end with the test, even when that is killed.

use strict;
use warnings;

use File::Temp qw(tempdir);
use POSIX ();
use Time::HiRes qw(sleep time);

use IPFence::Gate;
use IPFence::Resp;

use Exporter qw(import);
our @EXPORT = qw(redis redis_with_sentinel redis_cluster);

my @started;

# redis(password => …, users => ['user gate on …'], tls => 1, client_certificates => 1, settings => {name => value})
# With TLS it still listens without it on another port, where the test itself asks.
sub redis {
    my (%given) = @_;
    my $self = bless {dir => tempdir(CLEANUP => 1), port => IPFence::Gate::free_port(), mode => [], %given}, __PACKAGE__;
    chmod 0755, $self->{dir};
    $self->{tls_port} = $self->make_certificate if $self->{tls};
    push @started, $self;
    return $self->start;
}

sub file { my ($self, $name) = @_; return "$self->{dir}/$name" }

# One certificate is authority, server and client at once.
sub make_certificate {
    my ($self) = @_;
    my ($key, $certificate) = map { $self->file($_) } qw(key.pem certificate.pem);
    system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=redis.test"
        . " -addext subjectAltName=DNS:redis.test,IP:127.0.0.1 -keyout $key -out $certificate 2>/dev/null") == 0 or die 'openssl req';
    return IPFence::Gate::free_port();
}

sub configuration {
    my ($self) = @_;
    my @lines = ("port $self->{port}", 'bind 127.0.0.1', "dir $self->{dir}", "logfile $self->{dir}/redis.log", 'save ""',
        'repl-diskless-sync-delay 0');
    push @lines, "requirepass $self->{password}", "masterauth $self->{password}" if defined $self->{password};
    push @lines, @{$self->{users}} if $self->{users};
    push @lines, "tls-port $self->{tls_port}", "tls-key-file $self->{dir}/key.pem", "tls-cert-file $self->{dir}/certificate.pem",
        "tls-ca-cert-file $self->{dir}/certificate.pem", 'tls-auth-clients ' . ($self->{client_certificates} ? 'yes' : 'no') if $self->{tls};
    push @lines, map { "$_ $self->{settings}{$_}" } sort keys %{$self->{settings} // {}};
    return join '', map { "$_\n" } @lines;
}

sub start {
    my ($self) = @_;
    my $file = $self->file('redis.conf');
    # A Sentinel keeps what it knows in its file.
    unless ($self->{text} && -e $file) {
        open my $handle, '>', $file or die "$file: $!";
        print $handle $self->{text} // $self->configuration;
        close $handle or die "$file: $!";
    }
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>>', $self->file('stderr');
        exec qw(setpriv --pdeathsig KILL redis-server), $file, @{$self->{mode}} or POSIX::_exit(1);
    }
    $self->{pid} = $pid;
    my $deadline = time + 20;
    until (($self->ask('PING') // '') =~ /PONG|NOAUTH/) {
        die 'redis-server did not start: ' . IPFence::Gate::read_whole($self->file('redis.log')) . IPFence::Gate::read_whole($self->file('stderr'))
            if time > $deadline || waitpid $pid, POSIX::WNOHANG();
        sleep 0.02;
    }
    return $self;
}

sub stop {
    my ($self, $signal) = @_;
    delete $self->{connection};
    my $pid = delete $self->{pid} or return;
    kill CONT => $pid;
    kill $signal // 'KILL', $pid;
    waitpid $pid, 0;
}

# The kernel still takes connections and bytes, and nobody answers: when this returns, for on a busy machine a process
# goes on for a while.
sub freeze {
    my ($self) = @_;
    kill STOP => $self->{pid};
    sleep 0.001 until is_stopped($self->{pid});
}

sub is_stopped {
    my ($pid) = @_;
    open my $stat, '<', "/proc/$pid/stat" or return 1;
    return <$stat> =~ /\) [TZ] /;
}

sub thaw { my ($self) = @_; kill CONT => $self->{pid} }

# Asks as the default user.
sub ask {
    my ($self, @command) = @_;
    for my $attempt (1, 2) {
        my $connection = $self->{connection} //= $self->connection // return undef;
        my $answer = $connection->ask(@command);
        return $answer unless $connection->{ended};
        delete $self->{connection};
    }
    return undef;
}

sub connection {
    my ($self) = @_;
    my $connection = IPFence::Resp->connect($self->{port}) // return undef;
    $connection->ask('AUTH', $self->{password}) if defined $self->{password};
    return $connection;
}

# For ipfence_store: the address without the scheme, with what comes before the host.
sub url {
    my ($self, %with) = @_;
    my $credentials = defined $with{user} ? "$with{user}:$with{password}@" : defined $self->{password} ? ":$self->{password}@" : '';
    return $self->{tls} ? "rediss://${credentials}127.0.0.1:$self->{tls_port}" : "redis://${credentials}127.0.0.1:$self->{port}";
}

sub wait_until {
    my ($what, $condition, $seconds) = @_;
    my $deadline = time + ($seconds // 20);
    until ($condition->()) {
        die "redis: $what: not within the time" if time > $deadline;
        sleep 0.02;
    }
}

# A primary, its replica, and a Sentinel that watches them under the name "gate".
sub redis_with_sentinel {
    my (%given) = @_;
    my $primary = redis(%given);
    my $replica = redis(%given, settings => {%{$given{settings} // {}}, replicaof => "127.0.0.1 $primary->{port}"});
    wait_until('replication', sub { ($replica->ask('INFO', 'replication') // '') =~ /master_link_status:up/ });
    my $port = IPFence::Gate::free_port();
    my $sentinel = redis(port => $port, mode => ['--sentinel'], text => <<"CONF" . (defined $given{password} ? "sentinel auth-pass gate $given{password}\n" : ''));
port $port
bind 127.0.0.1
sentinel monitor gate 127.0.0.1 $primary->{port} 1
sentinel down-after-milliseconds gate 500
sentinel failover-timeout gate 2000
CONF
    wait_until('the Sentinel sees the replica', sub { my $seen = $sentinel->ask('SENTINEL', 'REPLICAS', 'gate'); ref $seen && @$seen });
    return {primary => $primary, replica => $replica, sentinel => $sentinel};
}

# Three nodes that share the slots; no replicas. On a busy machine one may be silent for a second and more (each change of
# slots waits for the disk, too), which is no failure yet.
sub redis_cluster {
    my (%given) = @_;
    my @nodes = map { redis(%given, settings => {%{$given{settings} // {}}, 'cluster-enabled' => 'yes', 'cluster-port' => IPFence::Gate::free_port(),
        'cluster-node-timeout' => 5000, 'cluster-require-full-coverage' => 'no'}) } 1 .. 3;
    my @ranges = ([0, 5460], [5461, 10922], [10923, 16383]);
    for my $number (0 .. 2) {
        $nodes[$number]->ask('CLUSTER', 'SET-CONFIG-EPOCH', $number + 1);
        $nodes[$number]->ask('CLUSTER', 'ADDSLOTSRANGE', @{$ranges[$number]});
    }
    $nodes[0]->ask('CLUSTER', 'MEET', '127.0.0.1', $_->{port}, $_->{settings}{'cluster-port'}) for @nodes[1, 2];
    wait_until('the cluster', sub { !grep { my $info = $_->ask('CLUSTER', 'INFO') // '';
        $info !~ /cluster_state:ok/ || $info !~ /cluster_slots_assigned:16384/ || $info !~ /cluster_known_nodes:3/ } @nodes });
    return @nodes;
}

END {
    my $status = $?;
    $_->stop for @started;
    $? = $status;
}

1;
