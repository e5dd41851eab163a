# Workers and a master without file descriptors while clients measure: see t/faults/descriptors.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('descriptors');
