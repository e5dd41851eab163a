# Policy files that are cut, garbage, removed or swapped while clients measure: see t/faults/policy.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('policy');
