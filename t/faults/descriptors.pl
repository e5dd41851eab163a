# Workers and a master that run out of file descriptors.

package IPFence::Fault::Descriptors;

use strict;
use warnings;
use IPFence::Exhaustion;
use IPFence::Fault;
use Time::HiRes qw(sleep);

my %of_either = (
    gate => gate_of_everything(expected_log => [qr/Too many open files/]),
    load => load_of_everything(),
    mend => sub { my ($gate) = @_; unlimited($gate, 'nofile=1024:1024') },
    says => qr/(?:\d+#\d+: (?:\*\d+ )?|ipfence: )([^\n,]*Too many open files[^\n,]*)/,
    strict => ['bearer'],
);

fault descriptors_of_workers => (
    id => 'P9, M11',
    %of_either,
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        my $give = sub { my ($count) = @_; limit($_, "nofile=$count:1024") for workers($gate) };
        return in_turn($seconds / 10, $end, sub { $give->(16 + int rand 10) }, sub { $give->(1024) });
    },
);

# Neither a reload nor a rotation of the logs gets its files: all stays as it is.
fault descriptors_of_master => (
    id => 'P9, M11',
    %of_either,
    fails => 0,
    inject => sub {
        my ($gate, $end) = @_;
        my @signals = qw(HUP USR1);
        return every(0.1, $end, sub {
            limit($gate->{pid}, 'nofile=' . (3 + int rand 10) . ':1024');
            push @signals, shift @signals;
            $gate->signal($signals[-1]);
            sleep 0.1;
            limit($gate->{pid}, 'nofile=1024:1024');
        });
    },
);

1;
