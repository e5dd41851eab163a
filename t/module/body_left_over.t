# What is left on a connection of a body that was not read to its end is no request, neither the client's next one nor
# the provider's: whatever the kind, and whether verdicts are carried out (threats.md, I2).

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Http;

my @kinds = qw(token authorization resource password_change verification_registration login_flow revocation verification logout);
my $smuggled = "GET /off/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

sub chunked {
    my ($path, $chunks) = @_;
    return "POST $path HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        . "Transfer-Encoding: chunked\r\n\r\n$chunks";
}

# A chunk whose size alone is more than nginx takes, and one of more than the gate reads.
my %bodies = (
    'a chunk too large for nginx' => "200000\r\n$smuggled",
    'the second chunk' => "5\r\ntoken\r\n200000\r\n$smuggled",
    'a body too large for the gate' => do {
        my $data = 'x' x 65_537 . "\r\n" x 2_000 . $smuggled;
        sprintf("%x\r\n%s\r\n0\r\n\r\n", length $data, $data);
    },
);

my $policy = IPFence::Gate::default_policy();
$policy->{organization}{continuous_ip_enforcement} = JSON::PP::true;
my $locations = join ' ', map {"location /$_ { ipfence $_; proxy_pass http://provider; }"} @kinds;
for my $mode (qw(enforce monitor)) {
    for my $reading ('', 'proxy_request_buffering off;') {
        my $gate = gate(
            policy => $policy,
            http => "ipfence_mode $mode; $reading proxy_set_header Connection '';",
            server => "$locations location /detected { ipfence off; ipfence_detect password_change parameter=secret; proxy_pass http://provider; } "
                . 'location /off { ipfence off; proxy_pass http://provider; }',
        );
        for my $kind (@kinds, 'detected') {
            for my $body (sort keys %bodies) {
                my @answers = $gate->send_raw(chunked("/$kind", $bodies{$body}), from => outside, count => 2, more => 0.3);
                my @saw = $gate->provider_saw;
                my $what = "$mode, $reading $kind, $body";
                is(scalar(grep {m{\AGET /off/smuggled}} @saw), 0, "$what: what is left of it is no request");
                is(scalar @answers, 1, "$what: one answer");
                if ($body =~ /gate/) {
                    my $is_watched = $mode eq 'monitor' || $kind =~ /\A(?:revocation|verification|logout)\z/;
                    is($answers[0]{status}, $is_watched ? 200 : 413, "$what: forwarded only where it is watched");
                    is(scalar @saw, 0, "$what: unseen") if !$is_watched;
                    next;
                }
                is($answers[0]{status}, 413, "$what: nginx refuses it");
                is(scalar @saw, 0, "$what: the provider gets no part of it");
            }
        }
        $gate->finish;
    }
}
done_testing;
