# The Redis under three gates is frozen, emptied, full, throws them out; and what takes longer than scripts/test has time
# for.

package IPFence::Fault::StoreServer;

use strict;
use warnings;
use IPFence::Fault;
use IPFence::Redis;
use IPFence::StoreFault;

fault store_lies_local => faulty(id => 'P5, L12, L15', store => \&behind_a_liar, mend => \&behaves_well, turns => 2 * lies(), outcomes => ['error'], strict => [qw(api refresh)],
    options => 'on_failure=local', disturb => sub { return map { behaving($_, 0.1) } lies() });
fault store_frozen => faulty(id => 'P5, L14', store => one_redis(),
    disturb => sub { return (sub { $_[0]{redis}->freeze }, sub { $_[0]{redis}->thaw }) }, mend => sub { $_[0]{redis}->thaw });
fault store_flushed => faulty(id => 'P5', store => one_redis(), strict => [qw(api refresh)],
    disturb => sub { return sub { $_[0]{redis}->ask('FLUSHALL') } });
fault store_full => faulty(id => 'P5', store => one_redis(settings => {maxmemory => '2mb', 'maxmemory-policy' => 'noeviction'}), strict => [qw(api refresh)],
    disturb => sub { return (sub { $_[0]{redis}->ask('CONFIG', 'SET', 'maxmemory', '1mb') }, sub { $_[0]{redis}->ask('CONFIG', 'SET', 'maxmemory', '100mb') }) },
    mend => sub { $_[0]{redis}->ask('CONFIG', 'SET', 'maxmemory', '100mb') });
fault store_clients_killed => faulty(id => 'P5, L12', store => one_redis(),
    disturb => sub { return sub { $_[0]{redis}->ask('CLIENT', 'KILL', 'TYPE', $_) for qw(normal pubsub) } });
fault store_and_reloads => faulty(id => 'P2, L13', store => one_redis(), turns => 20, fails => 0,
    disturb => sub { return sub { my (undef, $gate) = @_; $gate->{nodes}[rand 3]->signal('HUP') } });
# What the replica had not heard yet is lost with its primary.
fault store_failover => faulty(id => 'P5', store => sub {
        my $servers = redis_with_sentinel();
        return {url => "redis://127.0.0.1:$servers->{sentinel}{port}", sentinel => $servers->{sentinel}, servers => [values %$servers]};
    },
    options => 'sentinel=gate', strict => [qw(api refresh)], turns => 3,
    disturb => sub { return sub { $_[0]{sentinel}->ask('SENTINEL', 'FAILOVER', 'gate') } });
fault store_cluster_node => faulty(id => 'P5', store => sub {
        my @nodes = redis_cluster();
        return {url => "redis://127.0.0.1:$nodes[1]{port},127.0.0.1:$nodes[2]{port}", redis => $nodes[0], servers => \@nodes};
    },
    strict => [qw(api refresh)], disturb => sub { return (sub { $_[0]{redis}->stop }, sub { $_[0]{redis}->start }) },
    mend => sub { $_[0]{redis}->start unless $_[0]{redis}{pid} });

1;
