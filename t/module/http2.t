# HTTP/2: what it can say twice or otherwise than HTTP/1.1 is refused or means the same (catalogue, group Q). The
# clients here write their own frames, since real ones refuse to.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::Http2 qw(ask);
use IPFence::Shipped;
use IPFence::Spellings;
use IPFence::World;

my $gate = shipped_gate(listen => 'http2', policy => world(), expected_log => [qr/which is no kind/], server => <<'CONF');
        location = /account/password { ipfence password_change; proxy_pass http://provider; }
CONF
my $body = form({grant_type => 'client_credentials', client_id => 'service'});    # runs as alice
my $form = ['content-type', 'application/x-www-form-urlencoded'];

sub seen { my @saw = $gate->provider_saw; return scalar @saw }

# What becomes of the token request with these fields instead of its own pseudo-fields of the same names (undef: without
# it), and with further ones: `judged` and forwarded; `refused` by the gate or by nginx, whoever asks.
sub fate {
    my ($fields, %with) = @_;
    my %given = map { $_->[0] => 1 } @$fields;
    my @pseudo = grep { !$given{$_->[0]} } [':method', 'POST'], [':scheme', 'http'], [':authority', 'gate.test'], [':path', '/oauth/token'];
    my @sent = grep { defined $_->[1] } @pseudo, @$fields, @{$with{type} // [$form]};
    my @met = map {
        my $status = ask($gate->{port}, fields => \@sent, body => $body, from => $_, %with)->{status};
        my $line = $gate->last_audit;
        join ' ', $status, seen(), map { $_ // '-' } @$line{qw(kind decision)};
    } inside, outside;
    return 'judged' if "@met" eq '200 1 token allow 400 0 token deny';
    return 'refused' if 2 == grep { /\A(?:40[035]|reset|goaway) 0 / } @met;
    return join ', ', @met;
}

is(fate([]), 'judged', 'a token request');
is(fate([], pieces => 1), 'judged', 'in frames of one byte');
is(fate([['content-length', length $body]]), 'judged', 'with its length');
is(fate([['content-length', 5]]), 'refused', 'with another length');

# Q01: one host, one path, one method, whatever the fields are.
for my $case (
    ['Host alone', 'judged', [':authority', undef], ['host', 'gate.test']],
    ['another Host', 'refused', ['host', 'other.test']],
    ['two authorities', 'refused', [':authority', 'gate.test'], [':authority', 'other.test']],
    ['two paths', 'refused', [':path', '/oauth/token'], [':path', '/']], ['two equal paths', 'refused', [':path', '/oauth/token'], [':path', '/oauth/token']],
    ['a path of another', 'refused', [':path', '/'], [':path', '/oauth/token']], ['two methods', 'refused', [':method', 'GET'], [':method', 'POST']],
    ['an unknown pseudo-field', 'refused', [':protocol', 'websocket']], ['a method with a path', 'refused', [':method', 'GET /']],
    ['a method in lower case', 'refused', [':method', 'post']], ['a scheme that is none', 'refused', [':scheme', 'http://other/?']],
    ['an authority with a path', 'refused', [':authority', 'gate.test/x']],
    ['an absolute path', 'refused', [':path', 'http://gate.test/oauth/token']], ['no path', 'refused', [':path', '']],
    ['a space', 'refused', [':path', '/oauth/token x']], ['a version', 'refused', [':path', '/oauth/token HTTP/1.1']],
    ['a second line', 'refused', [':path', "/oauth/token\r\nX: y"]], ['a query', 'refused', [':path', '/oauth/token?client_id=relaxed']],
) {
    my ($what, $wanted, @fields) = @$case;
    is(fate(\@fields), $wanted, "Q01: $what is $wanted");
}
like(fate([['host', 'gate.test']]), qr/\A(?:judged|refused)\z/, 'Q01: Host and authority that agree, which only newer versions of nginx take');
for my $spelling (spellings()) {
    my ($id, $wanted, $target) = @$spelling;
    is(fate([[':path', $target]]), $wanted, "Q01, $id: ${\ shown($target) } is $wanted");
}
is(fate([[':method', 'OPTIONS'], ['access-control-request-method', 'POST']]), 'refused', 'Q01, A21: a preflight with a body');

# Q02: what is said twice.
my $json = ['content-type', 'application/json'];
is(fate([], type => [$form, $json]), 'refused', 'Q02, B08: two content types');
is(fate([], type => [$json, $form]), 'refused', 'Q02, B08: in the other order');
is(fate([], type => [$form, $form]), 'refused', 'Q02, B08: the same twice');
is(fate([['authorization', 'Basic c2VydmljZTpz'], ['authorization', 'Basic cmVsYXhlZDpz']]), 'refused', 'Q02, B11: two authorizations');
is(fate([['authorization', 'Basic c2VydmljZTpz']]), 'judged', 'Q02: one');

subtest 'Q02, J04: crumbs of cookies are one header' => sub {
    $gate->answers(redirect('https://app.test/cb?code=code-1', set_cookie('_session', 'of-alice')));
    my $get = sub {
        my ($path, $from, @crumbs) = @_;
        my @fields = ([':method', 'GET'], [':scheme', 'http'], [':authority', 'gate.test'], [':path', $path], map { ['cookie', $_] } @crumbs);
        return ask($gate->{port}, fields => \@fields, from => $from)->{status};
    };
    is($get->('/oauth/auth?response_type=code&client_id=web', inside), 303, 'a login');
    $gate->answers(tokens('alice', access_token => 'access-1'));
    my $code = form({grant_type => 'authorization_code', code => 'code-1', client_id => 'web'});
    is(ask($gate->{port}, fields => [[':method', 'POST'], [':scheme', 'http'], [':authority', 'gate.test'], [':path', '/oauth/token'], $form],
        body => $code, from => inside)->{status}, 200, 'whose code is exchanged');
    $gate->answers(page('ok'));
    for my $case (
        [200, 'the session in a crumb', 'a=1', '_session=of-alice', 'b=2'], [200, 'twice the same', '_session=of-alice', '_session=of-alice'],
        [403, 'another one first', '_session=of-robin', '_session=of-alice'], [403, 'another one last', '_session=of-alice', 'a=1', '_session=of-robin'],
    ) {
        my ($status, $what, @crumbs) = @$case;
        is($get->('/account/password', inside, @crumbs), $status, "$what, inside");
        is($get->('/account/password', outside, @crumbs), 403, "$what, outside");
    }
    $gate->provider_saw;
    $gate->audit;
    $gate->answers(json_answer({access_token => 'opaque'}));
};

# Q04: what belongs to a connection of HTTP/1.1 is not forwarded, and nothing becomes a second request there. Newer nginx
# refuses it.
my $is_refused = nginx_since('1.31.0');
for my $case (
    ['transfer-encoding', 'chunked'], ['te', 'gzip, trailers'], ['connection', 'close, authorization'], ['keep-alive', 'timeout=1'], ['upgrade', 'h2c'],
) {
    my ($name, $value) = @$case;
    is(ask($gate->{port}, fields => [[':method', 'POST'], [':scheme', 'http'], [':authority', 'gate.test'], [':path', '/oauth/token'], $form, $case],
        body => $body, from => inside)->{status}, $is_refused ? 400 : 200, "Q04: $name passes nginx, or does not");
    my ($saw) = $gate->provider_saw;
    if ($is_refused) {
        is($saw, undef, "Q04: $name: the provider sees nothing");
        next;
    }
    my ($head, $data) = split /\r\n\r\n/, $saw, 2;
    unlike($head, qr/^\Q$name\E:.*\Q$value\E/mi, "Q04: $name is not forwarded");
    unlike($head, qr/^transfer-encoding:/mi, "Q04: $name: one framing");
    is($data, $body, "Q04: $name: and one body");
}
$gate->audit;
for my $field (
    ['Authorization', 'Basic cmVsYXhlZDpz'], ['Content-Length', '5'], ['x-a', "b\r\nAuthorization: Basic cmVsYXhlZDpz"], ['x-a', "b\nX: y"], ['x-a', "b\0"],
    ["x-a: b\r\nauthorization", 'Basic cmVsYXhlZDpz'], ['x a', 'b'], ['x:a', 'b'], ['', 'b'],
) {
    is(fate([$field]), 'refused', 'Q04: the field ' . shown("$field->[0]: $field->[1]") . ' is refused');
}

$gate->finish;
done_testing;
