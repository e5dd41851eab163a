# Workers that die, and a configuration that is read again and again.

package IPFence::Fault::Worker;

use strict;
use warnings;
use IPFence::Fault;
use IPFence::Load qw(mirrored);
use IPFence::World qw(world);

fault worker_killed => (
    id => 'P1, L06',
    gate => {workers => 3, expected_log => [qr/exited on signal 9/]},
    inject => sub {
        my ($gate, $end) = @_;
        return every(0.2, $end, sub { my @workers = workers($gate); kill KILL => $workers[rand @workers] if @workers });
    },
    says => qr/worker process \d+ (exited on signal 9)/,
    fails => 4,    # as many as there are clients
);

# The policy is another one each time.
fault reload => (
    id => 'P2',
    gate => {mirrored => mirrored()},
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        my @policies = (mirrored(), world());
        return every($seconds < 10 ? 0.3 : 1, $end, sub {
            $gate->write_policy($policies[0]);
            @policies = reverse @policies;
            $gate->signal('HUP');
        });
    },
    mend => sub { my ($gate) = @_; $gate->write_policy(world()); $gate->signal('HUP') },
    says => qr/(reconfiguring)/,
    fails => 0,
);

1;
