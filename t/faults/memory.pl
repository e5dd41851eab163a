# Workers and a master that run out of memory: what cannot be decided is not allowed, and nobody dies of it.

package IPFence::Fault::Memory;

use strict;
use warnings;
use IPFence::Exhaustion;
use IPFence::Fault;
use IPFence::Gate;
use IPFence::World qw(world);
use JSON::PP;
use Time::HiRes qw(sleep);

my %of_either = (
    gate => gate_of_everything(expected_log => [qr/Cannot allocate memory/, qr/ipfence: (?:audit lines are lost, )?there is no memory to/,
        qr/ipfence: no memory to look after/]),
    load => load_of_everything(padding => 50_000),
    mend => sub { my ($gate) = @_; unlimited($gate, 'as=unlimited') },
    says => qr/(there is no memory to go on, which denies; raise nginx's memory limit)/,
    strict => ['bearer'],
    unaudited => 1,    # best effort
);

# As `ulimit -v`, but for a running process: what it has, and at most so much more.
sub limit_memory {
    my ($pid, $more) = @_;
    my ($pages) = IPFence::Gate::read_whole("/proc/$pid/statm") =~ /\A(\d+)/ or return;
    limit($pid, 'as=' . ($pages * 4096 + $more) . ':unlimited');
}

# New workers have no memory left over from better times; and there is a policy to be picked up.
fault memory_of_workers => (
    id => 'P9, K13',
    %of_either,
    inject => sub {
        my ($gate, $end) = @_;
        my $changes = 0;
        return every(0.6, $end, sub {
            my %before = map { $_ => 1 } workers($gate);
            $gate->signal('HUP');
            wait_for(sub { (grep { !$before{$_} } workers($gate)) >= 2 }, 0.5);
            # The first time nothing at all, then a little more each time.
            limit_memory($_, 150_000 * ($changes % 4)) for workers($gate);
            $gate->write_policy(JSON::PP->new->encode(world()) . "\n" x ++$changes);
        });
    },
);

# A reload without memory leaves all as it was, or makes workers with as little.
fault memory_of_master => (
    id => 'P9, K13',
    %of_either,
    inject => sub {
        my ($gate, $end) = @_;
        my $reloads = 0;
        return every(0.1, $end, sub {
            my %before = map { $_ => 1 } workers($gate);
            limit_memory($gate->{pid}, 100_000 * ($reloads++ % 6));
            $gate->signal('HUP');
            # Where there are new ones, requests come to them before there is memory again.
            sleep 0.2 if wait_for(sub { grep { !$before{$_} } workers($gate) }, 0.5);
            unlimited($gate, 'as=unlimited');
        });
    },
);

1;
