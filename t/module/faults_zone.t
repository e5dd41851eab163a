# A zone that is too small while clients measure: see t/faults/zone.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('zone');
