# A refusal is final: wherever nginx redirects a refused request, not a byte of it reaches the provider.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

# A running gate with this location, and places where an error page may lead to.
sub gate_with {
    my ($location) = @_;
    return gate(
        http => 'map $uri $nonsense { default nonsense; }',
        server => <<"CONF",
        location = /token { $location proxy_pass http://provider; }
        location = /open { ipfence off; proxy_pass http://provider; }
        location \@open { ipfence off; proxy_pass http://provider; }
        location \@slow { ipfence off; proxy_pass http://PROVIDER; }
        location \@monitored { ipfence_mode monitor; proxy_pass http://provider; }
        location \@watched { ipfence token; ipfence_mode monitor; proxy_pass http://provider; }
CONF
        expected_log => [qr/ipfence_guard: /],
    );
}

sub is_unseen {
    my ($gate, $what) = @_;
    sleep 0.2;    # what nginx broke off is recorded when its connection ends
    is(scalar $gate->provider_saw, 0, "$what: the provider saw nothing");
}

sub chunks {
    my ($text, $size) = @_;
    return join('', map { sprintf "%x\r\n%s\r\n", length $_, $_ } unpack "(a$size)*", $text) . "0\r\n\r\n";
}

# A body whose size nobody announced, and that turns out to be too large while it arrives.
my $large = chunks(form(\%password) . '&x=' . 'y' x 90_000, 3000);
for my $page ('', 'error_page 413 = @open;', 'error_page 413 /open;') {
    for my $case (['at once'], ['slowly', segments => 4000, pause => 0.002]) {
        my ($how, %with) = @$case;
        my $gate = gate_with("ipfence token; $page");
        my $what = "too large $how, " . ($page || 'no error_page');
        my $response = $gate->request(from => outside, body => $large, headers => [['Transfer-Encoding', 'chunked']],
            timeout => 3, %with);
        is_unseen($gate, $what);
        is($response && json_error($response), "413 invalid_request: the request is larger than the gate reads", "$what: the gate's answer");
        is(join(' ', @{$gate->last_audit}{qw(phase reason)}), 'request request_too_large', "$what: audited");
        $gate->finish;
    }
}

# What nginx answers to that may take its time, and the client may not.
my $left = gate_with('ipfence token; error_page 413 = @slow;');
$left->answers([1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]);
$left->request(from => outside, body => $large, headers => [['Transfer-Encoding', 'chunked']], segments => 4000, pause => 0.002, timeout => 0.3);
ok(wait_for(sub { ($left->last_audit->{reason} // '') eq 'request_too_large' }), 'too large, and left: audited');
sleep 1;
is(scalar(my @more = $left->audit), 0, 'too large, and left: once');
$left->finish;

# An enforced refusal, led to where ipfence is off, or only looks on.
for my $target (qw(@open @monitored @watched)) {
    my $gate = gate_with("ipfence \$nonsense; error_page 403 = $target;");
    my $response = $gate->token(\%password, from => outside);
    is_unseen($gate, "refused, led to $target");
    cmp_ok($response->{status}, '>=', 400, "refused, led to $target: refused");
    $gate->finish;
}
done_testing;
