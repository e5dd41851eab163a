# Introspection endpoints that are down, slow or make no sense while clients measure: see t/faults/introspection.pl.

use strict;
use warnings;
use Test::More;
use IPFence::Fault qw(test_faults);

test_faults('introspection');
