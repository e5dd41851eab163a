# A store that is down, slow, or that lies, under three gates: nobody is let in by it, nobody gets what is another's, no
# worker stands still, and nothing has to be restarted.

package IPFence::Fault::Store;

use strict;
use warnings;
use IPFence::Fault;
use IPFence::StoreFault;

# Few of its replies at a time, so that the gate goes on to ask.
fault store_lies => faulty(id => 'P5, L12, L15', store => \&behind_a_liar, mend => \&behaves_well, turns => 2 * lies(), outcomes => ['error'], strict => [qw(api refresh)],
    disturb => sub { return map { behaving($_, 0.1) } lies() });
# All of them: whoever must ask is told that nobody could be asked, and never that he may not.
fault store_unreachable => faulty(id => 'P5, L11, L14', store => \&behind_a_liar, mend => \&behaves_well, turns => 2 * outages(), outcomes => ['refused'],
    disturb => sub { return map { (behaving($_), behaving('well')) } outages() });
fault store_unreachable_local => faulty(id => 'P5, L11, L14', store => \&behind_a_liar, mend => \&behaves_well, turns => 2 * outages(), outcomes => ['refused'], strict => [qw(api refresh)],
    options => 'on_failure=local', disturb => sub { return map { (behaving($_), behaving('well')) } outages() });
fault store_clients_gone => faulty(id => 'M08, M09', store => \&behind_a_liar, mend => \&behaves_well, load => {hurried => 0.3, clients => 8},
    disturb => sub { return map { behaving($_, 0.5) } qw(late slow reset half) });
fault store_killed => faulty(id => 'P5', store => one_redis(), strict => [qw(api refresh)],
    disturb => sub { return (sub { $_[0]{redis}->stop }, sub { $_[0]{redis}->start }) }, mend => sub { $_[0]{redis}->start unless $_[0]{redis}{pid} });
fault store_and_workers => faulty(id => 'P1, L13', store => one_redis(), turns => 20, expected_log => [qr/exited on signal 9/],
    says => qr/worker process \d+ (exited on signal 9)/, fails => 6,
    # Each in its turn: the log that is read is the first node's.
    disturb => sub { my $turn = 0; return sub { my (undef, $gate) = @_; my @workers = map { workers($_) } @{$gate->{nodes}}; kill KILL => $workers[$turn++ % @workers] if @workers } });

1;
