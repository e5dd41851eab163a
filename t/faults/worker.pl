# Workers that die, and a configuration that is read again and again.

package IPFence::Fault::Worker;

use strict;
use warnings;
use Time::HiRes qw(sleep);
use IPFence::Fault;
use IPFence::Load qw(mirrored);
use IPFence::World qw(world);

my %killed = (
    inject => sub {
        my ($gate, $end) = @_;
        return every(0.2, $end, sub { my @workers = workers($gate); kill KILL => $workers[rand @workers] if @workers });
    },
    fails => 4,    # as many as there are clients
);

fault worker_killed => (
    %killed,
    id => 'P1, L06',
    gate => {workers => 3, expected_log => [qr/exited on signal 9/]},
    says => qr/worker process \d+ (exited on signal 9)/,
);

# What waits in the buffer of its audit log is written by the next worker.
fault worker_killed_with_audit_lines => (
    %killed,
    id => 'P1, P4',
    gate => {workers => 3, expected_log => [qr/exited on signal 9/], own_audit => 1, http => 'ipfence_audit AUDIT buffer=256k flush=500ms;'},
    says => qr/(\d+ bytes of audit lines that a worker left are written)/,
    audit => sub {
        my ($gate) = @_;
        sleep 1.5;
        return split /\n/, IPFence::Gate::read_whole($gate->file('audit.ndjson'));
    },
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
