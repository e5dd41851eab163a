# Everything at once: clients that hurry away, a provider that is slow at times, reloads. What a process has open and
# what memory the master has do not grow with time.

package IPFence::Fault::LongRun;

use strict;
use warnings;
use IPFence::Exhaustion;
use IPFence::Fault;

my %began;    # of a gate: what its master had when all of it had happened once

sub descriptors { my ($pid) = @_; return scalar(() = glob "/proc/$pid/fd/*") }
sub kilobytes { my ($pid) = @_; return (IPFence::Gate::read_whole("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m)[0] // 0 }

# Of the master; it has a channel of two descriptors to each worker, those that are being replaced included.
sub measured {
    my ($gate) = @_;
    my $channels = 2 * (() = workers($gate));
    return {descriptors => descriptors($gate->{pid}) - $channels, kilobytes => kilobytes($gate->{pid})};
}

# A worker that begins between two looks is no leak.
sub most {
    my ($one, $other) = @_;
    return {map { $_ => $one->{$_} > $other->{$_} ? $one->{$_} : $other->{$_} } keys %$one};
}

# A reload's pool is as large as the one before, but for what malloc makes of it.
sub grown {
    my ($gate, $before) = @_;
    my $now = measured($gate);
    my @grown;
    push @grown, "the master has $now->{descriptors} descriptors beside its channels, and had $before->{descriptors}" if $now->{descriptors} > $before->{descriptors};
    # AddressSanitizer keeps what is freed.
    my $limit = $before->{kilobytes} + ($ENV{IPFENCE_SANITIZE} ? 262_144 : 2048);
    push @grown, "the master has $now->{kilobytes} kB, and had $before->{kilobytes} kB" if $now->{kilobytes} > $limit;
    return @grown;
}

# A worker that was replaced ends when its last request does; the others have no more open than clients and provider ask for.
sub left_over {
    my ($gate) = @_;
    my @workers;
    wait_for(sub { @workers = workers($gate); @workers == 2 }, 20);
    my @left = @workers == 2 ? () : 'there are ' . @workers . ' workers, and not two';
    wait_for(sub { !grep { descriptors($_) > 60 } @workers });
    return @left, map { "a worker has ${\ descriptors($_)} descriptors when nobody asks" } grep { descriptors($_) > 60 } @workers;
}

fault long_run => (
    id => 'P15',
    gate => gate_of_everything(),
    load => load_of_everything(hurried => 0.2, padding => 5_000),
    inject => sub {
        my ($gate, $end, $seconds) = @_;
        my $reload = sub { $gate->signal('HUP') };
        my $pause = $seconds / 12 > 60 ? 60 : $seconds / 12;
        my $slow = sub { $gate->{provider}->behaves('slow') };
        my $well = sub { $gate->{provider}->behaves('well') };
        my $turns = 0;
        my $note = sub { $began{$gate} //= most(measured($gate), measured($gate)) if ++$turns > 1 };
        return in_turn($pause, $end, $reload, $slow, sub { $reload->(); $note->() }, $well);
    },
    mend => sub { my ($gate) = @_; $gate->{provider}->behaves('well') },
    says => qr/(reconfiguring)/,
    fails => 0,
    strict => ['bearer'],
    check => sub { my ($gate) = @_; return left_over($gate), grown($gate, delete $began{$gate} // die 'it was too short') },
);

1;
