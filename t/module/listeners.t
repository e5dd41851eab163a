# Other ways in: a unix socket, HTTP/2 without a length, and other ways to an upstream.

use strict;
use warnings;
use IO::Socket::UNIX;
use Socket;
use Test::More;
use IPFence::Gate;
use IPFence::Http;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my %anyone = (%password, username => 'robot');
my $body = form(\%password);

# C19: a unix socket has no address: where one is asked for, it is unknown.
my $unix = gate(server => 'listen unix:DIR/socket; location /token { ipfence token; proxy_pass http://provider; }');
for my $case (['alice', 400, 'address_unknown'], ['robot', 200, 'no_login_ip_ranges']) {
    my ($user, $status, $reason) = @$case;
    my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $unix->file('socket')) or die "socket: $!";
    my $text = form({%password, username => $user});
    syswrite $socket, "POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        . "Content-Length: ${\ length $text}\r\n\r\n$text";
    my ($response) = IPFence::Http::parse_responses(do { local $/; <$socket> });
    is($response->{status}, $status, "C19: unix socket, $user");
    my $audit = $unix->last_audit;
    is($audit->{reason}, $reason, "unix socket, $user: reason");
    is($audit->{ip}, undef, "unix socket, $user: no address");
}
$unix->finish;

# HTTP/2: a body without a length, and requests that are refused before their body.
my $h2 = gate(listen => 'http2');
sub curl {
    my ($from, @arguments) = @_;
    open my $handle, '-|', 'curl', '-s', '-w', "\n%{http_version} %{http_code}", '--http2-prior-knowledge', '--interface', $from,
        @arguments, "http://127.0.0.1:$h2->{port}/token" or die "curl: $!";
    local $/;
    my $text = <$handle>;
    close $handle;
    return $text;
}
$h2->write_file('body', $body);
my @streamed = ('-X', 'POST', '-T', '-', '-H', 'Content-Type: application/x-www-form-urlencoded');
for my $case ([inside, '2 200', 1], [outside, '2 400', 0]) {
    my ($from, $status, $forwarded) = @$case;
    open my $stdin, '<&', \*STDIN;
    open STDIN, '<', $h2->file('body') or die $!;
    like(curl($from, @streamed), qr/\n$status\z/, "HTTP/2 without a length from $from");
    open STDIN, '<&', $stdin;
    is(scalar $h2->provider_saw, $forwarded, "HTTP/2 without a length from $from: forwarded");
}
# nginx resets a stream that it refuses before the body came, which curl may take for an error of the framing: what
# counts is what the gate decided, and that the provider saw nothing.
$h2->audit;
for my $case (['two Content-Types', 'ambiguous_request', '-H', 'Content-Type: application/x-www-form-urlencoded', '-H', 'content-type: application/json'],
    ['a method override', 'ambiguous_request', '-H', 'X-HTTP-Method-Override: GET'],
    ['a content coding', 'unsupported_media', '-H', 'Content-Encoding: gzip'], ['GET', 'method_not_allowed', '-G']) {
    my ($what, $reason, @arguments) = @$case;
    unlike(curl(inside, '-d', $body, @arguments), qr/ 200\z/, "HTTP/2, $what: not passed");
    is(join(' ', map { $_->{reason} } $h2->audit), $reason, "HTTP/2, $what: reason");
    is(scalar $h2->provider_saw, 0, "HTTP/2, $what: not forwarded");
}
$h2->finish;

# Q10: other roads to a guarded upstream.
my $roads = gate(upstream => 'ipfence_guard; zone z 64k;', server => <<'CONF', expected_log => [qr/ipfence_guard: refused/]);
        set $backend provider;
        location /variable { proxy_pass http://$backend; }
        location /fastcgi { fastcgi_pass provider; }
        location /uwsgi { uwsgi_pass provider; }
        location /scgi { scgi_pass provider; }
        location /grpc { grpc_pass provider; }
        location /websocket { proxy_http_version 1.1; proxy_set_header Upgrade websocket; proxy_set_header Connection upgrade; proxy_pass http://provider; }
        location /included { ssi on; ssi_types *; ipfence off; return 200 '<!--# include virtual="/token" -->'; }
        location /page { ssi on; ssi_types *; ipfence off; alias DIR/page; }
        location /after { post_action /variable; ipfence off; return 200 done; }
        location /cached { ipfence token; proxy_cache_methods POST; proxy_pass http://$backend; }
        location /token { ipfence token; proxy_pass http://provider; }
        location /limited { ipfence token; limit_except POST { deny all; } proxy_pass http://provider; }
        location /rewritten { ipfence token; rewrite ^ /elsewhere break; proxy_pass http://provider; }
CONF
$roads->write_file('page', '<!--# include virtual="/token" --><!--# include virtual="/variable" -->');
for my $road (qw(variable fastcgi uwsgi scgi grpc websocket)) {
    is($roads->token(\%anyone, path => "/$road")->{status}, 500, "Q10: $road: refused");
    is(scalar $roads->provider_saw, 0, "$road: nothing arrives");
}
$roads->request(method => 'GET', path => '/page');
is(scalar $roads->provider_saw, 0, 'an SSI include does not reach it');
$roads->request(method => 'GET', path => '/after');
is(scalar $roads->provider_saw, 0, 'nor does a post_action');
is($roads->token(\%anyone, path => '/cached')->{status}, 200, 'a decided request goes by a variable');
like(($roads->provider_saw)[0], qr/\APOST \/cached /, 'to the same upstream');
is($roads->token(\%anyone, path => '/rewritten')->{status}, 200, 'what was rewritten before the decision passes');
like(($roads->provider_saw)[0], qr/\APOST \/elsewhere /, 'under its new name');
is($roads->token(\%password, path => '/limited', from => outside)->{status}, 400, 'limit_except changes nothing');
is(scalar $roads->provider_saw, 0, 'and nothing arrives');
$roads->finish;
done_testing;
