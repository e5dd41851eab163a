package IPFence::Heartbeat;

# Whether a worker's event loop stands still: a location that needs nothing is asked again and again, and how long
# each answer took is written down.

use strict;
use warnings;

use POSIX ();
use Time::HiRes qw(sleep time);

use IPFence::Connection;
use IPFence::Gate;

my $pause = 0.002;

# start($gate, seconds => …)
sub start {
    my ($class, $gate, %with) = @_;
    my $self = bless {file => $gate->file("heartbeat"), %with}, $class;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $SIG{INT} = $SIG{TERM} = 'DEFAULT';
        beat($self, $gate->{port});
        POSIX::_exit(0);
    }
    $self->{pid} = $pid;
    return $self;
}

sub beat {
    my ($self, $port) = @_;
    my $parent = getppid;
    open my $file, '>', $self->{file} or return;
    my ($end, $connection) = (time + $self->{seconds}, undef);
    while (time < $end && getppid == $parent) {
        $connection //= IPFence::Connection->new($port) or next;
        my $began = time;
        my ($raw) = $connection->exchange("GET /heartbeat HTTP/1.1\r\nHost: gate.test\r\n\r\n", 10);
        print $file time - $began, "\n" unless $connection->was_idle($raw);
        undef $connection unless $connection->may_go_on($raw);
        sleep $pause;
    }
    close $file;
}

# Once it has ended: how many beats there were, and how many seconds their answers took.
sub results {
    my ($self) = @_;
    waitpid $self->{pid}, 0;
    my @beats = sort { $a <=> $b } split /\n/, IPFence::Gate::read_whole($self->{file});
    my $at = sub { my ($share) = @_; return @beats ? $beats[$share * $#beats] : 99 };
    return {beats => scalar @beats, median => $at->(0.5), p99 => $at->(0.99), p999 => $at->(0.999), longest => $at->(1)};
}

1;
