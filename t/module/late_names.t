# ipfence_app and ipfence_user as the provider's answer says them ($upstream_http_...): they count once it is there, at
# every kind of request, and whatever was decided before.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $names = 'ipfence_app $upstream_http_x_app; ipfence_user $upstream_http_x_user;';
my $policy = world();
$policy->{apps}{machine} = {run_as => 'robin'};
my $gate = gate(
    policy => $policy,
    http => <<'CONF',
        ipfence_zone zone=learned:1m; ipfence_session_cookie sid;
        map $upstream_http_x_app $late { volatile; default $upstream_http_x_app; }
        proxy_cache_path DIR/cache keys_zone=kept:1m;
CONF
    server => <<"CONF",
        location /token { ipfence token; ipfence_app \$upstream_http_x_app; proxy_pass http://provider; }
        location /mapped { ipfence token; ipfence_app \$late; proxy_pass http://provider; }
        location /either { ipfence token; ipfence_app \$upstream_http_x_app \$http_x_app; proxy_pass http://provider; }
        location /plain { ipfence token; proxy_pass http://provider; }
        location /monitored { ipfence token; ipfence_mode monitor; ipfence_app \$upstream_http_x_app; proxy_pass http://provider; }
        location /auth { ipfence authorization; $names proxy_pass http://provider; }
        location /api { ipfence resource; $names proxy_pass http://provider; }
        location /watched { ipfence resource; ipfence_mode monitor; $names proxy_pass http://provider; }
        location /password { ipfence password_change; $names proxy_pass http://provider; }
        location /login { ipfence login_flow; $names proxy_pass http://provider; }
        location /paged { ipfence password_change; $names error_page 403 = \@denied; proxy_pass http://provider; }
        location /cached { ipfence resource; $names proxy_cache kept; proxy_cache_key \$uri; proxy_cache_valid 200 1m; proxy_pass http://provider; }
        location /cached/paged { ipfence password_change; error_page 403 = \@denied; $names proxy_cache kept; proxy_cache_key \$uri; proxy_cache_valid 200 1m; proxy_pass http://provider; }
        location \@denied { ipfence off; return 403 "a page of ours\\n"; }
        location /accelerated { ipfence resource; $names proxy_pass http://provider; }
        location /caught { ipfence resource; $names proxy_intercept_errors on; error_page 404 = \@elsewhere; proxy_pass http://provider; }
        location /kept { internal; ipfence off; rewrite ^ /elsewhere break; proxy_pass http://127.0.0.1:PORT; }
        location \@elsewhere { ipfence off; rewrite ^ /elsewhere break; proxy_pass http://127.0.0.1:PORT; }
        location = /elsewhere { ipfence off; return 200 "secret of another server"; }
        location /including { ipfence resource; ssi on; proxy_pass http://provider; }
        location /asking { ipfence off; auth_request /api/asked; proxy_pass http://provider; }
CONF
    upstream => '',
    expected_log => [qr/cannot be judged/],
);

# An answer with these headers more.
sub saying { my ($answer, %said) = @_; return $answer =~ s/\r\n/join '', "\r\n", map {"$_: $said{$_}\r\n"} sort keys %said/er }

sub lines { return join ', ', map { join ' ', map { $_ // '-' } @$_{qw(phase app user decision reason)} } $gate->audit }

my $count = 0;
sub code { return (grant_type => 'authorization_code', code => 'code-' . ++$count, map { (client_id => $_) } @_) }

# What an exchange comes to whose answer says these headers: its status and audit lines.
sub token {
    my ($said, $parameters, %with) = @_;
    $gate->audit;
    $gate->answers(saying(tokens('alice', access_token => 'token-' . ++$count), %$said));
    return join ', ', $gate->token($parameters, from => outside, %with)->{status}, lines();
}

my ($denied, $relaxed) = ('outside_login_ip_ranges', 'relaxed_app');
is(token({'X-App' => 'web'}, {code('relaxed')}), "400, response web alice deny $denied", 'the answer names a stricter app');
is(token({'X-App' => 'relaxed'}, {code('web')}), "200, response relaxed alice allow $relaxed", 'a looser one');
is(token({'X-App' => 'relaxed'}, {code()}), "200, response relaxed alice allow $relaxed", 'one where the request named none');
is(token({'X-App' => 'nobody'}, {code('relaxed')}), "400, response nobody alice deny $denied", 'one that the policy does not list');
is(token({}, {code('relaxed')}), "200, response relaxed alice allow $relaxed", "none: the request's counts");
is(token({}, {code('web')}), "400, response web alice deny $denied", "and is held to");
is(token({'X-App' => "\xff"}, {code('relaxed')}), '502, response relaxed - deny response_unreadable', 'one that is no text');
is(token({'X-App' => 'web'}, {code('relaxed')}, path => '/mapped'), "400, response web alice deny $denied", 'through a volatile map');
is(token({'X-App' => 'web'}, {code('web')}, path => '/either', headers => [['X-App', 'relaxed']]), "400, response web alice deny $denied", 'the answer before the request');
is(token({}, {code('web')}, path => '/either', headers => [['X-App', 'relaxed']]), "200, response relaxed alice allow $relaxed", 'the request where the answer says nothing');
is(token({'X-App' => 'web'}, {code('relaxed')}, path => '/monitored'), "200, response web alice deny $denied", 'monitor: only said');

# A user that the request names is decided with the app that the answer names.
my %password = (grant_type => 'password', username => 'alice', password => 'pw');
is(token({'X-App' => 'web'}, {%password, client_id => 'relaxed'}), "400, response web alice deny $denied", 'password: a stricter app');
is(token({'X-App' => 'relaxed'}, {%password, client_id => 'web'}), "200, response relaxed alice allow $relaxed", 'password: a looser app');
is(token({'X-App' => 'relaxed'}, {%password, client_id => 'web'}, path => '/mapped'), "400, request web alice deny $denied",
    'password: what is denied by the request never gets there');
is(token({'X-App' => 'web'}, {%password, client_id => 'relaxed'}, path => '/mapped'),
    "400, request relaxed alice allow $relaxed, response web alice deny $denied", 'password: through a map, a second decision');
my %credentials = (grant_type => 'client_credentials');
is(token({'X-App' => 'service'}, {%credentials, client_id => 'machine'}), "400, response service alice deny $denied", 'client credentials: whose run_as is denied');
is(token({'X-App' => 'machine'}, {%credentials, client_id => 'service'}), '200, response machine robin allow no_login_ip_ranges', 'and whose is not');
my %assertion = (grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => 'opaque', client_id => 'web');
is(token({'X-App' => 'relaxed'}, \%assertion), "400, response relaxed alice deny $denied", 'a bearer assertion enforces, whatever the app');

# What is issued is the app's that the answer named.
$gate->answers(saying(tokens('alice', access_token => 'A', refresh_token => 'R'), 'X-App' => 'relaxed'));
is($gate->token({code('web')}, from => outside)->{status}, 200, 'tokens of the app that the answer names');
$gate->audit;
is($gate->token({grant_type => 'refresh_token', refresh_token => 'R', client_id => 'web'}, path => '/plain')->{status}, 400, 'are not for the other');
my $mismatch = $gate->last_audit;
is($mismatch->{reason}, 'app_mismatch', 'as is audited');
is($mismatch->{rule}, undef, 'and no rule decided that');
is(token({'X-App' => 'relaxed'}, {grant_type => 'refresh_token', refresh_token => 'R', client_id => 'web'}),
    "200, response relaxed alice allow $relaxed", 'but where the answer names it');
is(token({'X-App' => 'web'}, {grant_type => 'refresh_token', refresh_token => 'R', client_id => 'relaxed'}),
    '400, response web alice deny app_mismatch', 'and not where it names the other');

# The authorization endpoint.
sub authorize {
    my ($said, $app) = @_;
    $gate->audit;
    $gate->answers(saying(redirect('https://app.test/cb?code=code-' . ++$count), %$said));
    return join ', ', $gate->request(method => 'GET', path => "/auth?response_type=code&client_id=$app", from => outside)->{status}, lines();
}
is(authorize({'X-App' => 'web', 'X-User' => 'alice'}, 'relaxed'), "403, response web alice deny $denied", 'authorization: a stricter app');
is(authorize({'X-App' => 'relaxed', 'X-User' => 'alice'}, 'web'), "303, response relaxed alice allow $relaxed", 'authorization: a looser one');
is(authorize({'X-User' => 'alice'}, 'web'), "403, response web alice deny $denied", "authorization: the request's");
is(authorize({'X-App' => "\xff"}, 'web'), '502, response web - deny response_unreadable', 'authorization: no text');

# F16: whose session it is is known, and the app that the answer names decides.
$gate->answers(saying(redirect('https://app.test/cb?code=kept', set_cookie('sid', 'known')), 'X-App' => 'web'));
is($gate->request(method => 'GET', path => '/auth?client_id=web')->{status}, 303, 'authorization: a login inside');
$gate->answers(tokens('alice', access_token => 'kept'));
is($gate->token({grant_type => 'authorization_code', code => 'kept', client_id => 'web'}, path => '/plain')->{status}, 200, 'whose user is known');
sub authorize_in_session {
    my ($app) = @_;
    $gate->audit;
    $gate->answers(saying(redirect('https://app.test/cb?code=code-' . ++$count), 'X-App' => $app));
    my @cookie = (headers => [['Cookie', 'sid=known']]);
    return join ', ', $gate->request(method => 'GET', path => '/auth?client_id=web', from => outside, @cookie)->{status}, lines();
}
is(authorize_in_session('web'), "403, response web alice deny $denied", 'authorization: no code outside, for her sake');
is(authorize_in_session('relaxed'), "303, response relaxed alice allow $relaxed", 'authorization: but for a relaxed app');

# F12: who acts is judged for the app that the answer names, too.
my %exchange = (grant_type => 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token => 'of-robin',
    actor_token => 'kept', map { ($_ => 'urn:ietf:params:oauth:token-type:access_token') } qw(subject_token_type actor_token_type));
$gate->answers(tokens('robin', access_token => 'of-robin'));
is($gate->token({code('web')}, path => '/plain')->{status}, 200, "robin's token");
$gate->audit;
for my $case (['web', "400, response web alice deny $denied"], ['relaxed', '200, response relaxed robin allow no_login_ip_ranges']) {
    my ($app, $met) = @$case;
    $gate->answers(saying(tokens('robin', access_token => 'exchanged-' . ++$count), 'X-App' => $app));
    is(join(', ', $gate->token({%exchange, client_id => 'web'}, from => outside)->{status}, lines()), $met, "F12: an actor at $app");
}

# Inside a session.
sub ask {
    my ($said, $path, %with) = @_;
    my $body = 'secret page ' . 'x' x ($with{size} // 10);
    $gate->audit;
    $gate->answers(saying(page($body, 'X-Secret: header'), %$said));
    my $response = $gate->request(method => 'GET', path => $path, from => outside, %with);
    my $is_whole = $response->{body} eq $body;
    my $shows = $is_whole ? 'whole' : $gate->{last}{response} =~ /secret/i ? 'in part' : 'nothing';
    return join ', ', "$response->{status} $shows", lines();
}
for my $path (qw(/api /password /login)) {
    is(ask({'X-User' => 'alice'}, $path), "403 nothing, request - - allow no_credential, response - alice deny $denied", "$path: who may not");
    is(ask({'X-User' => 'robin'}, $path), '200 whole, request - - allow no_credential, response - robin allow no_login_ip_ranges', "$path: who may");
    is(ask({'X-User' => 'alice'}, $path, from => inside), '200 whole, request - - allow no_credential, response - alice allow login_ip_range', "$path: inside");
    is(ask({}, $path), '200 whole, request - - allow no_credential', "$path: nobody");
    is(ask({'X-User' => "\xff"}, $path), '502 nothing, request - - allow no_credential, response - - deny response_unreadable', "$path: no text");
}
is(ask({'X-User' => 'robin'}, '/api', size => 2_000_000), '200 whole, request - - allow no_credential, response - robin allow no_login_ip_ranges',
    'an answer of any size passes');
is(ask({'X-User' => 'alice'}, '/api', size => 2_000_000), "403 nothing, request - - allow no_credential, response - alice deny $denied", 'or does not');
is(ask({'X-User' => 'alice'}, '/watched'), "200 whole, request - - allow no_credential, response - alice deny $denied", 'monitor: only said');
is(ask({'X-User' => 'alice'}, '/paged'), "403 nothing, request - - allow no_credential, response - alice deny $denied", 'with a page of its own');
like($gate->{last}{response}, qr/a page of ours/, 'which is shown');

# With a token, whoever it is of.
$gate->answers(tokens('robin', access_token => 'robins'));
is($gate->token({code('relaxed')}, path => '/plain')->{status}, 200, "robin's token");
my @robin = (headers => [['Authorization', 'Bearer robins']]);
is(ask({}, '/api', @robin), '200 whole, request relaxed robin allow no_login_ip_ranges', 'a token whose user may');
is(ask({'X-User' => 'robin'}, '/api', @robin), '200 whole, request relaxed robin allow no_login_ip_ranges', 'and is said again');
is(ask({'X-User' => 'alice'}, '/api', @robin), "200 whole, request relaxed robin allow no_login_ip_ranges, response relaxed alice allow $relaxed",
    'another user of a relaxed app');
is(ask({'X-User' => 'alice', 'X-App' => 'web'}, '/api', @robin), "403 nothing, request relaxed robin allow no_login_ip_ranges, response web alice deny $denied",
    'and of one that is not');

# An answer that nginx does not send, but goes elsewhere for another one, which names nobody.
for my $case (
    ['/accelerated', 'X-Accel-Redirect', sub { saying(page(''), 'X-Accel-Redirect' => '/kept', 'Set-Cookie' => 'secret=1', 'X-User' => $_[0]) }],
    ['/caught', 'proxy_intercept_errors', sub { saying(page('') =~ s/200 OK/404 Not Found/r, 'X-User' => $_[0]) }],
) {
    my ($path, $how, $answer) = @$case;
    $gate->audit;
    for my $user (qw(alice robin)) {
        $gate->answers($answer->($user));
        my $response = $gate->request(method => 'GET', path => $path, from => outside);
        is($response->{status}, $user eq 'alice' ? 403 : 200, "$how: $user");
        like(lines(), qr/, response - $user /, "$how: is whom the answer was for");
        unlike($gate->{last}{response}, qr/secret/, "$how: of which nothing leaves") if $user eq 'alice';
    }
}

# A part of a page that is denied does not end the page, and the next answer follows when that has ended.
for my $path ('/api', '/paged') {
    $gate->answers(page(qq(<!--# include virtual="$path" --> and the rest)), saying(page('secret'), 'X-User' => 'alice'), page('next'));
    my @parts = $gate->send_raw("GET /including HTTP/1.1\r\nHost: gate.test\r\n\r\nGET /watched HTTP/1.1\r\nHost: gate.test\r\n\r\n", from => outside, count => 2);
    like($parts[0]{body}, qr/(?:"ip restricted"\}|a page of ours\n) and the rest\z/, "a part that is denied ($path) is replaced");
    is($parts[1]{body}, 'next', "and what follows is the next answer ($path)");
    unlike($gate->{last}{response}, qr/secret/, "without what was denied ($path)");
}
$gate->audit;

# Without a body, as a subrequest, and on a connection that goes on.
$gate->answers(saying(page(''), 'X-User' => 'alice'));
is($gate->request(method => 'HEAD', path => '/api', from => outside)->{status}, 403, 'HEAD');
$gate->audit;
$gate->answers(saying(page('asked'), 'X-User' => 'alice'), page('secret'));
is($gate->request(method => 'GET', path => '/asking', from => outside)->{status}, 403, 'asked by auth_request');
is(lines(), "request - - allow no_credential, response - alice deny $denied", 'whose lines are these');
$gate->answers(saying(page('asked'), 'X-User' => 'robin'), page('plain'));
is($gate->request(method => 'GET', path => '/asking', from => outside)->{body}, 'plain', 'who may, asked by auth_request');
$gate->answers(map { saying(page('secret'), 'X-User' => $_) } qw(alice robin alice));
my @responses = $gate->send_raw("GET /api HTTP/1.1\r\nHost: gate.test\r\n\r\n" x 3, from => outside, count => 3);
is(join(' ', map { $_->{status} } @responses), '403 200 403', 'pipelined');

# A condition of the client's on an answer that nginx keeps (If-Match), to which nginx itself says 412: for whom it is not, it is denied.
for my $path ('/cached', '/cached/paged') {
    $gate->answers(saying(page('theirs'), 'X-User' => 'alice'));
    for my $case ([inside, 200], [inside, 412, ['If-Match', '"x"']], [outside, 403, ['If-Match', '"x"']]) {
        my ($from, $status, @headers) = @$case;
        my $response = $gate->request(method => 'GET', path => $path, from => $from, headers => \@headers);
        is($response && $response->{status}, $status, "$path from $from: $status");
        unlike($gate->{last}{response}, qr/theirs/, "$path: and nothing of it") if $status != 200;
    }
}
$gate->finish;
done_testing;
