# A zone that is far too small: what had to go is unknown, which opens nothing.

package IPFence::Fault::Zone;

use strict;
use warnings;
use IPFence::Fault;

fault zone_full => (
    id => 'P7, L04',
    gate => {zone => '256k'},
    load => {clients => 6, kinds => [('code') x 9, qw(api refresh unseen)]},
    inject => sub { my ($gate, $end) = @_; return every(0.1, $end, sub { }) },
    says => qr/(zone is full: [^\n]*?)(?: while |, client: )/,
    fails => 0,
    strict => [qw(api refresh)],
);

1;
