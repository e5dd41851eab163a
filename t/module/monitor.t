# ipfence_mode monitor: everything is decided and audited, nothing that the client sees changes (catalogue, P13).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

my $gate = gate(
    http => 'log_format decision "$uri $ipfence_decision $ipfence_reason";',
    server => <<'CONF',
        access_log DIR/decisions decision;
        ipfence_mode monitor;
        location /monitored { ipfence token; ipfence_body_limit 1k; ipfence_response_limit 1k; proxy_pass http://provider/x; }
        location /vanilla { ipfence off; proxy_pass http://provider/x; }
        location /gzipped { ipfence token; gzip on; gzip_types *; gzip_min_length 1; proxy_pass http://provider/x; }
        location /gzipped_vanilla { ipfence off; gzip on; gzip_types *; gzip_min_length 1; proxy_pass http://provider/x; }
CONF
    expected_log => [qr/cannot be judged/],
);
push @{$gate->{expected_log}}, qr/upstream prematurely closed/;

sub answer { my ($body, $status) = @_; $status //= '200 OK'; return "HTTP/1.1 $status\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\nContent-Length: ${\ length $body}\r\n\r\n$body" }
my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my %code = (grant_type => 'authorization_code', code => 'c', client_id => 'web');
my $alice = '{"id_token":"' . jwt({sub => 'alice'}) . '"}';

my %cases = (
    'denied by the request' => [{body => form(\%password)}, answer('{"access_token":"x"}'), 'outside_login_ip_ranges'],
    'denied by the answer' => [{body => form(\%code)}, answer($alice), 'outside_login_ip_ranges'],
    'denied by a chunked answer' => [{body => form(\%code)}, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" . sprintf("%x\r\n%s\r\n0\r\n\r\n", length $alice, $alice), 'outside_login_ip_ranges'],
    'unreadable answer' => [{body => form(\%code)}, answer('<html>'), 'response_unreadable'],
    'too large an answer' => [{body => form(\%code)}, answer('{"access_token":"' . 'x' x 5000 . '"}'), 'response_too_large'],
    'malformed request' => [{body => 'grant_type=password&grant_type=x'}, answer('{}'), 'ambiguous_request'],
    'too large a request' => [{body => form(\%code) . '&x=' . 'y' x 3000}, answer('{}'), 'request_too_large'],
    'too large a chunked request' => [{body => "bb8\r\n" . 'y' x 3000 . "\r\n0\r\n\r\n", headers => [['Transfer-Encoding', 'chunked']]}, answer('{}'), 'request_too_large'],
    'JSON request' => [{body => '{}', type => 'application/json'}, answer('{}'), 'unsupported_media'],
    'GET' => [{method => 'GET'}, answer('{}'), 'method_not_allowed'],
    'HEAD' => [{method => 'HEAD', timeout => 2}, answer(''), 'method_not_allowed'],
    'query' => [{body => form(\%code), path => '/monitored?x=1'}, answer('{}'), 'ambiguous_request'],
    'error' => [{body => form(\%code)}, answer('{"error":"x"}', '400 Bad Request'), 'no_token_issued'],
);
for my $what (sort keys %cases) {
    my ($request, $answer, $reason) = @{$cases{$what}};
    my %raw;
    for my $path ('/monitored', '/vanilla') {
        $gate->answers($answer);
        my $query = ($request->{path} // '') =~ /(\?.*)/ ? $1 : '';
        $gate->request(%$request, path => "$path$query", from => outside, headers => [@{$request->{headers} // []}, ['Accept-Encoding', 'gzip']]);
        ($raw{$path} = $gate->{last}{response}) =~ s/\r\nDate: [^\r]*//;
    }
    my @saw = map { s/\AHost: [^\r]*//r } $gate->provider_saw;
    is(scalar @saw, 2, "$what: both are forwarded");
    is($saw[0], $saw[1], "$what: the provider sees the same bytes");
    is($raw{'/monitored'}, $raw{'/vanilla'}, "$what: the client sees the same bytes");
    my $line = $gate->last_audit;
    is($line->{reason}, $reason, "$what: audited with its reason");
    my $decision = $reason eq 'no_token_issued' ? 'allow' : 'deny';
    is("$line->{decision} " . ($line->{enforced} ? 1 : 0), "$decision 0", "$what: and as not enforced");
}
for my $path ('/gzipped', '/gzipped_vanilla') {
    $gate->answers(answer($alice));
    like($gate->token(\%code, path => $path, from => outside, headers => [['Accept-Encoding', 'gzip']])->{body}, qr/\A\x1f\x8b/, "$path is still gzipped");
}
is($gate->last_audit->{reason}, 'outside_login_ip_ranges', 'and judged before that');
my $log = join "\n", $gate->log_lines('decisions', 2 * keys(%cases) + 2);
like($log, qr{^/monitored would_deny outside_login_ip_ranges$}m, '$ipfence_decision is would_deny');
like($log, qr{^/vanilla  $}m, 'and empty where ipfence is off');
my @said = $gate->error_log =~ /"ipfence_mode" is "monitor": requests that are not denied, since this was last said: (\d+)/g;
is("@said", '1', 'N10: the error log says that nothing is enforced, at once, and not again within the minute');
$gate->finish;

my $enforced = gate();
$enforced->token(\%password, from => outside);
is($enforced->last_audit->{reason}, 'outside_login_ip_ranges', 'N10: where denials are enforced');
unlike($enforced->error_log, qr/"ipfence_mode"/, 'N10: it says nothing');
$enforced->finish;
done_testing;
