# Providers that are not there, or slow, or make no sense. What they did not answer well, nobody gets.

package IPFence::Fault::Provider;

use strict;
use warnings;
use IPFence::Fault;

# Half of the time it is well, so that there are tokens which it later has to answer for.
sub behaving {
    my ($behaviour, %fault) = @_;
    return (
        id => 'P6',
        inject => sub {
            my ($gate, $end, $seconds) = @_;
            return in_turn($seconds / 8, $end, map { my $now = $_; sub { $gate->{provider}->behaves($now) } } 'well', $behaviour);
        },
        mend => sub { my ($gate) = @_; $gate->{provider}->behaves('well') },
        %fault,
    );
}

fault provider_down => behaving('down', says => qr/(connect\(\) failed \(111: Connection refused\) while connecting to upstream)/);

fault provider_slow => behaving('slow', gate => {http => 'proxy_read_timeout 600ms;'}, load => {clients => 12},
    says => qr/(upstream timed out \(110: Connection timed out\) while reading response header from upstream)/);

# What has no status line nginx passes as HTTP/0.9, whose end a client only waits for.
fault provider_garbage => behaving('garbage', load => {patience => 0.3},
    says => qr/ipfence: (the provider's answer cannot be judged: [^,]*)/);

fault provider_half => behaving('half', says => qr/(upstream prematurely closed connection while reading (?:response header from )?upstream)/);

fault provider_huge => behaving('huge', says => qr/(larger than "ipfence_response_limit")/);

1;
