# Nothing reaches a guarded provider without a decision, whatever the configuration: some of those that
# scripts/gate-proof makes by the thousand.

use strict;
use warnings;
use Test::More;
use IPFence::Proof;

srand 1;
my ($proved, $reached) = (0, 0);
while ($proved < 8) {
    my ($configuration, $count, @offences) = prove_configuration() or next;
    ++$proved;
    $reached += $count;
    is(join("\n", @offences), '', "configuration $proved: $count requests reached the provider, all of them decided")
        or diag $configuration;
}
cmp_ok($reached, '>', 8 * $proved, "and many did: $reached");
done_testing;
