# Key sets that are broken, removed or rewritten while clients measure: see t/faults/jwks.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('jwks');
