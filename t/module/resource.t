# API requests: whose the token is, and what that allows.

use strict;
use warnings;
use JSON::PP;
use Encode qw(encode);
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /api { ipfence resource; ipfence_body_limit 1k; proxy_pass http://provider; }
        location /asked { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location /named { ipfence resource; ipfence_user $http_x_user; ipfence_app $http_x_app; proxy_pass http://provider; }
        location /monitored { ipfence resource; ipfence_mode monitor; proxy_pass http://provider; }
        location /elsewhere { ipfence resource; try_files /missing @password; }
        location @password { ipfence password_change; proxy_pass http://provider; }
        location /rewritten { ipfence off; rewrite ^ /api?access_token=unseen last; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider/introspection;
            proxy_set_header Authorization "Basic Z2F0ZTpzZWNyZXQ="; }
CONF
    expected_log => [qr/cannot be read/],
);

my $count = 0;

sub login {
    my ($app, %members) = @_;
    my $token = 'access-' . ++$count;
    $gate->answers(tokens('alice', access_token => $token, refresh_token => "refresh-$count", %members));
    is($gate->token({grant_type => 'authorization_code', code => "c$count", client_id => $app})->{status}, 200, "login at $app");
    $gate->answers(json_answer({data => 1}));
    $gate->provider_saw;
    $gate->audit;
    return $token;
}

sub api {
    my ($token, $from, %with) = @_;
    my $headers = $with{headers} // [defined $token ? ['Authorization', "Bearer $token"] : ()];
    return $gate->request(method => 'GET', path => '/api', from => $from, %with, headers => $headers);
}

sub seen { return scalar(() = $gate->provider_saw) }

subtest 'each relaxation' => sub {
    my %outside = (
        web => '403 outside_login_ip_ranges', relaxed => '200 relaxed_app',
        refresh => '403 outside_login_ip_ranges', devices => '403 outside_login_ip_ranges',
    );
    for my $app (sort keys %outside) {
        my $token = login($app);
        is(api($token, inside)->{status}, 200, "$app: inside");
        seen();
        my $status = api($token, outside)->{status};
        my $line = $gate->last_audit;
        is("$status $line->{reason}", $outside{$app}, "$app: outside");
        is("$line->{operation} $line->{flow} $line->{user} $line->{app}", "access web_server alice $app", "$app: audited");
        is(seen(), $status == 200 ? 1 : 0, "$app: forwarded only when allowed");
    }
};

subtest 'a refreshed session' => sub {
    login('refresh');
    my $new = "refreshed-$count";
    $gate->answers(tokens(undef, access_token => $new));
    is($gate->token({grant_type => 'refresh_token', refresh_token => "refresh-$count", client_id => 'refresh'}, from => outside)->{status}, 200, 'refreshed');
    $gate->audit;
    is(api($new, outside)->{status}, 200, 'is relaxed outside');
    my $line = $gate->last_audit;
    is("$line->{reason} $line->{refreshed}", 'refresh_token 1', 'because it is refreshed');
    is(api("access-$count", outside)->{status}, 403, 'the first access token is not');
};

subtest 'the answer' => sub {
    my $denied = api(login('web'), outside);
    is(json_error($denied), '403 access_denied: ip restricted', 'JSON');
    is((IPFence::Http::header($denied, 'WWW-Authenticate'))[0],
        'Bearer error="access_denied", error_description="ip restricted"', 'WWW-Authenticate');
    is((IPFence::Http::header($denied, 'Content-Type'))[0], 'application/json', 'its type');
    is((IPFence::Http::header($denied, 'Cache-Control'))[0], 'no-store', 'not stored');
    my $head = api("access-$count", outside, method => 'HEAD');
    is($head->{status}, 403, 'HEAD is denied as GET is');
};

subtest 'who is not known' => sub {
    is(json_error(api('unseen', inside)), '403 access_denied: ip restricted', 'an unknown token, even inside');
    is($gate->last_audit->{reason}, 'user_unidentified', 'identifies nobody');
    is(json_error(api(undef, inside, headers => [['Authorization', 'Basic YTpi']])), '403 access_denied: ip restricted', 'another scheme');
    is(seen(), 0, 'neither was forwarded');
    is(api(undef, outside)->{status}, 200, 'no credential at all passes: the API will ask for one');
    is($gate->last_audit->{reason}, 'no_credential', 'and says so');
    seen();
};

subtest 'where the token is' => sub {
    my $token = login('web');
    my %ways = (
        'DPoP' => {headers => [['Authorization', "DPoP $token"]]},
        'lower case' => {headers => [['authorization', "bearer $token"]]},
        'query' => {headers => [], path => "/api?x=1&access_token=$token"},
        'encoded query' => {headers => [], path => "/api?%61ccess_token=$token"},
        'form' => {headers => [], method => 'POST', body => "a=b&access_token=$token"},
    );
    for my $way (sort keys %ways) {
        is(api($token, inside, %{$ways{$way}})->{status}, 200, "$way: inside");
        is(api($token, outside, %{$ways{$way}})->{status}, 403, "$way: outside");
    }
};

subtest 'as Salesforce and others have it' => sub {
    for my $token ('00Dx0000000BV7z!AR8AQP0jITN80ESEsj5EbaZTFG0RNBaT1cyWk7', '17|qLw2s', 'a:b') {
        login('web', access_token => $token);
        my %ways = (
            'Bearer' => {headers => [['Authorization', "Bearer $token"]]},
            'OAuth' => {headers => [['Authorization', "OAuth $token"]]},
            'oauth_token' => {headers => [], path => '/api?version=latest&oauth_token=' . $token},
            'bearer_token' => {headers => [], path => '/api?bearer_token=' . $token},
            'oauth_token in a form' => {headers => [], method => 'POST', body => 'oauth_token=' . $token},
        );
        for my $way (sort keys %ways) {
            is(api($token, inside, %{$ways{$way}})->{status}, 200, "$way: $token: inside");
            is(api($token, outside, %{$ways{$way}})->{status}, 403, "$way: $token: outside");
        }
    }
    is(json_error(api(undef, inside, headers => [], path => '/api?oauth_token=a&access_token=a')), '400 invalid_request: the request has more than one credential', 'two names');
    is(api(undef, inside, headers => [['Authorization', 'OAuth oauth_token="a", oauth_signature="b"']])->{status}, 403, 'OAuth 1.0 is another scheme');
    seen();
};

# A form that the gate would not take for one, or that has its names in other bytes, is one to some servers.
subtest 'a form in which others find a token' => sub {
    my $token = login('web');
    my $form = 'application/x-www-form-urlencoded';
    for my $type ("$form; charset=IBM037", "$form;charset=\"utf-16\"", "$form; Charset = UTF-7", "$form; charset=utf-8; charset=cp500", "$form; charset*=us-ascii''ibm037", "$form; charset") {
        is(json_error(api(undef, outside, method => 'POST', headers => [['Content-Type', $type]], body => "\x81\x83\x83=x")),
            '400 invalid_request: a form must not be in letters of its own', $type);
    }
    for my $type ("$form; charset=UTF-8", "$form;charset=\"iso-8859-1\"", "$form; charset=windows-1252; x=y") {
        is(api(undef, $_->[0], method => 'POST', headers => [['Content-Type', $type]], body => "access_token=$token")->{status}, $_->[1], "$type: $_->[0]") for [inside, 200], [outside, 403];
    }
    for my $marked ("\xef\xbb\xbfaccess_token=$token", map { encode($_, "\x{feff}access_token=$token") } qw(UTF-16LE UTF-16BE UTF-32LE UTF-32BE)) {
        is(json_error(api(undef, outside, method => 'POST', headers => [['Content-Type', $form]], body => $marked)),
            '400 invalid_request: a form must not have a mark of byte order', 'behind a mark of byte order');
    }
    my $untyped = sub {
        my ($from, $body, @lines) = @_;
        my $head = join "\r\n", 'POST /api HTTP/1.1', 'Host: gate.test', 'Connection: close', "Content-Length: ${\ length $body}", @lines;
        return $gate->send_raw("$head\r\n\r\n$body", from => $from)->{status};
    };
    is($untyped->(inside, "access_token=$token"), 200, 'without a type: inside');
    is($untyped->(outside, "access_token=$token"), 403, 'without a type: outside');
    is($untyped->(outside, "access_token=$token", 'Content-Type:'), 403, 'with an empty one');
    is($untyped->(outside, '{"data":1}'), 200, 'without a token');
    is($untyped->(outside, 'x' x 2000), 413, 'larger than the limit');
    is($untyped->(inside, 'x' x 2000, "Authorization: Bearer $token"), 200, 'but not beside a token: it may be any upload');
    seen();
};

# nginx forwards a fragment that it has cut off, and some read parameters in it.
subtest 'a target with a fragment' => sub {
    my $token = login('web');
    for my $path ("/api?#&access_token=$token", "/api?x=1#&access_token=$token", "/api#?access_token=$token", '/api?x=1#') {
        is(json_error(api(undef, outside, path => $path, headers => [])), '400 invalid_request: the request target has a fragment', $path =~ s/\Q$token\E/TOKEN/r);
    }
    is(seen(), 0, 'none was forwarded');
    is(api(undef, outside, path => '/api?x=%23%26access_token=1', headers => [])->{status}, 200, 'an escaped one is none');
    seen();
};

subtest 'B13: more than one is refused' => sub {
    my $token = login('relaxed');
    my $bearer = ['Authorization', "Bearer $token"];
    my %twice = (
        'header and query' => {headers => [$bearer], path => '/api?access_token=other'},
        'header and form' => {headers => [$bearer], method => 'POST', body => 'access_token=other'},
        'query twice' => {headers => [], path => '/api?access_token=a&access_token=b'},
        'query and form' => {headers => [], path => '/api?access_token=a', method => 'POST', body => 'access_token=b'},
        'variant name' => {headers => [$bearer], path => '/api?Access_Token=other'},
        'brackets' => {headers => [$bearer], path => '/api?access_token[]=other'},
        'brackets around it, as Rack reads it' => {headers => [], path => "/api?[access_token]=$token"},
        'a bracket behind it, as Rack reads it' => {headers => [], method => 'POST', body => "access_token]=$token"},
        'an open bracket, as PHP reads it' => {headers => [], path => "/api?access[token=$token"},
        'a wide escape, as ASP.NET reads it' => {headers => [], path => "/api?%u0061ccess_token=$token"},
        'bearer_token' => {headers => [$bearer], path => '/api?bearer_token=other'},
        'semicolon' => {headers => [$bearer], path => '/api?a=b;access_token=other'},
        'comma' => {headers => [['Authorization', "Bearer $token, Bearer other"]]},
        'schemes' => {headers => [['Authorization', "Basic YTpi, Bearer $token"]]},
    );
    for my $what (sort keys %twice) {
        like(json_error(api(undef, inside, %{$twice{$what}})), qr/\A400 invalid_request: /, $what);
        is($gate->last_audit->{reason}, 'ambiguous_request', "$what: audited");
    }
    is(seen(), 0, 'none was forwarded');
    is(api($token, inside, path => '/api?a[]=1&a[]=2;b&filter={"x":1}')->{status}, 200, 'other parameters may look as they like');
    is(api($token, inside, method => 'POST', body => 'x' x 2000)->{status}, 413, 'a form above the limit');
    is(api($token, inside, method => 'POST', headers => [$bearer, ['Content-Type', 'application/octet-stream']], body => 'x' x 20000)->{status}, 200, 'another body goes by unread');
    seen();
};

subtest 'introspection' => sub {
    my $ask = sub { my ($token, $from, %with) = @_; return $gate->request(method => 'GET', path => '/asked', from => $from, headers => [['Authorization', "Bearer $token"], ['Cookie', 'session=secret']], %with) };
    my $active = json_answer({active => JSON::PP::true, sub => 'alice', client_id => 'relaxed', exp => time + 600});
    $gate->answers($active, json_answer({data => 1}));
    is($ask->('opaque-1', inside)->{status}, 200, 'active, inside');
    my ($introspection, $forwarded) = $gate->provider_saw;
    like($introspection, qr{\APOST /introspection HTTP/1.1\r\n}, 'the provider was asked');
    like($introspection, qr{token=opaque-1&token_type_hint=access_token\z}, 'about this token');
    like($introspection, qr{Authorization: Basic Z2F0ZTpzZWNyZXQ=}, 'in the gate\'s own name');
    unlike($introspection, qr{session=secret|Bearer}, 'with nothing of the client\'s');
    like($forwarded, qr{\AGET /asked }, 'then the request was forwarded');
    my $line = $gate->last_audit;
    is("$line->{user} $line->{app} $line->{flow}", 'alice relaxed unknown', 'by what it said');
    $gate->answers(json_answer({data => 1}));
    is($ask->('opaque-1', outside)->{status}, 403, 'outside: a flow that is unknown relaxes nothing');
    is($ask->('opaque-1', inside)->{status}, 200, 'inside again');
    is(seen(), 1, 'the introspection is remembered');

    $gate->answers(json_answer({active => JSON::PP::false}));
    is(json_error($ask->('opaque-2', inside)), '401 invalid_token: the access token does not verify', 'inactive');
    my $cut_short = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n" . '{"active":true';
    for my $broken (json_answer('{"active":'), json_answer({active => JSON::PP::true}, '500 Oops'), json_answer('[]'), $cut_short,
        map { json_answer({active => JSON::PP::true, sub => 'alice', exp => time + 600, $_ => 'robin'}) } qw(Sub ISS)) {
        $gate->answers($broken);
        is($ask->('opaque-' . ++$count, inside)->{status}, 403, 'no answer: nothing knows the token');
    }
    seen();
    $gate->answers($active, json_answer({data => 1}));
    is($ask->('opaque-form', inside, method => 'POST', headers => [], body => 'access_token=opaque-form&a=b')->{status}, 200, 'after a form body');
    my (undef, $posted) = $gate->provider_saw;
    like($posted, qr/access_token=opaque-form&a=b\z/, 'which is forwarded as it was');
};

subtest 'where nginx sends a request on, it is judged anew' => sub {
    my $token = login('relaxed');
    is(api($token, outside, path => '/elsewhere')->{status}, 403, 'an API request that becomes a password change');
    is($gate->last_audit->{reason}, 'sensitive_operation', 'is a sensitive operation');
    is(api($token, inside, path => '/rewritten')->{status}, 400, 'a token that the configuration adds is a second one');
};

subtest 'who the deployment says that it is' => sub {
    my $named = sub { return $gate->request(method => 'GET', path => '/named', from => $_[0], headers => [['X-User', $_[1]], ['X-App', $_[2] // '']])->{status} };
    $gate->answers(json_answer({data => 1}));
    is($named->(outside, 'robin'), 200, 'robin is not restricted');
    is($named->(outside, 'alice'), 403, 'alice is');
    is($named->(inside, 'alice', 'relaxed'), 200, 'inside');
    is($named->(outside, 'alice', 'relaxed'), 403, 'how her session began is not known');
};

subtest 'client credentials' => sub {
    my $ask = sub { $gate->answers($_[0]); return $gate->token({grant_type => 'client_credentials', client_id => 'service'})->{status} };
    is($ask->(json_answer({access_token => 'machine', expires_in => 60})), 200, 'are decided from the request');
    $gate->answers(json_answer({data => 1}));
    is(api('machine', inside)->{status}, 200, 'and their token is known');
    my $line = $gate->last_audit;
    is("$line->{flow} $line->{app} $line->{user}", 'client_credentials service alice', 'with its app, whoever that runs as');
    is(api('machine', outside)->{status}, 403, 'and enforced');
    is($ask->(json_answer('<xml/>')), 200, 'an answer that cannot be read passes, and is not remembered');
};

subtest 'monitor' => sub {
    $gate->answers(json_answer({data => 1}));
    $gate->audit;
    is($gate->request(method => 'GET', path => '/monitored', headers => [['Authorization', 'Bearer unseen']])->{status}, 200, 'nothing is changed');
    my $line = $gate->last_audit;
    is("$line->{decision} $line->{reason} " . ($line->{enforced} ? 1 : 0), 'deny user_unidentified 0', 'and all is said');
};

subtest 'an introspection without an end is not waited for' => sub {
    my $head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    $gate->answers([$head . "11170\r\n" . 'x' x 70_000 . "\r\n", 60]);
    is($gate->request(method => 'GET', path => '/asked?access_token=opaque-endless', from => inside)->{status}, 403, 'nothing knows the token');
};

$gate->finish;

my $off = gate(
    policy => world(continuous_ip_enforcement => JSON::PP::false),
    server => 'location /api { ipfence resource; proxy_pass http://provider; }',
);
$off->answers(json_answer({data => 1}));
is($off->request(method => 'GET', path => '/api', from => outside, headers => [['Authorization', 'Bearer unseen']])->{status}, 200,
    'without continuous enforcement nothing is asked');
is($off->last_audit->{reason}, 'not_continuous', 'not_continuous');
$off->finish;

done_testing;
