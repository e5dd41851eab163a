# The parameters of a token request: each counts once, under one name, from one place and in one format, for whatever
# reader (catalogue, group D). A request that passes its twin's test is refused for its one difference.

use strict;
use warnings;
use Compress::Zlib qw(compress memGzip);
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Http;

my $gate = gate(http => 'client_max_body_size 2m;', server => <<'CONF');
        location /token { ipfence token; proxy_pass http://provider; }
        location /named { ipfence token; ipfence_token_query client-request-id tenant; proxy_pass http://provider; }
        location /large { ipfence token; ipfence_body_limit 256k; proxy_pass http://provider; }
CONF
my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $plain = form(\%password);
my $form = 'application/x-www-form-urlencoded';

# `judged`: decided by the policy and forwarded to the byte. A number and an error: what everybody gets, from inside, too,
# for what the provider never sees.
sub fate {
    my ($body, %with) = @_;
    my ($in, @saw) = ($gate->request(body => $body, %with), $gate->provider_saw);
    my ($out, @more) = ($gate->request(body => $body, from => outside, %with), $gate->provider_saw);
    return 'seen from outside' if @more;
    return 'changed on its way' if @saw && (split /\r\n\r\n/, $saw[0], 2)[1] ne $body;
    return 'judged' if @saw && "$in->{status} $out->{status}" eq '200 400' && $gate->last_audit->{reason} eq 'outside_login_ip_ranges';
    return 'seen' if @saw;
    my ($refusal) = json_error($in) =~ /\A(\d+ \w+): /;
    return $in->{status} eq $out->{status} ? $refusal // $in->{status} : "inside $in->{status}, outside $out->{status}";
}

sub all_are {
    my ($id, $wanted, %cases) = @_;
    for my $what (sort keys %cases) {
        my ($body, %with) = ref $cases{$what} ? @{$cases{$what}} : $cases{$what};
        is(fate($body, %with), $wanted, "$id: $what: $wanted");
    }
}

my ($malformed, $unsupported) = ('400 invalid_request', '415 invalid_request');
is(fate($plain), 'judged', 'a token request');

# Names that some reader folds onto another (PHP, Rails, qs, ASP.NET), in front and behind.
my @folding = ('client_id[]', 'client_id[0]', 'client_id%5B%5D', 'client_id%5ba%5d', 'client.id', 'client id', 'client+id', 'client%20id', '+client_id', '%20client_id',
    'client_id%00', 'client_id%00x', 'client_id+', 'client%5Bid', 'grant.type', 'grant_type[]', 'username[]', 'user%00name');
all_are('D03', $malformed, map { ("$_= behind" => "$plain&$_=relaxed", "$_= in front" => "$_=relaxed&$plain") } @folding);
all_are('D04', $malformed, map { ("$_=" => "$plain&$_=relaxed", "$_= in front" => "$_=relaxed&$plain") } qw(Client_Id CLIENT_ID Client_id GRANT_TYPE UserName client_iD %43lient_id));
all_are('D03, D04', 'judged', 'names of one\'s own' => "$plain&tenant=7&x.y=1&Client-Hint=1&clientid=relaxed&client__id=relaxed", 'escaped letters' => $plain =~ s/client_id/%63lient%5Fid/r);

# Clients that put a separator behind each parameter; a piece that is empty before another one is not read alike by all.
all_are('empty pieces', 'judged', 'a separator at the end' => "$plain&");
all_are('empty pieces', $malformed, 'two at the end' => "$plain&&", 'one in front' => "&$plain", 'two between' => $plain =~ s/&/&&/r);

# Queries.
all_are('D10', $malformed,
    'another client' => [$plain, path => '/token?client_id=relaxed'], 'the same client' => [$plain, path => '/token?client_id=web'],
    'a grant and no body' => ['', path => '/token?grant_type=client_credentials&client_id=machine'], 'all of it, and no body' => ['', path => "/token?$plain"],
    'a name of one\'s own' => [$plain, path => '/token?tenant=7'], 'no value' => [$plain, path => '/token?x'], 'a mark within' => [$plain, path => '/token??']);
all_are('D10', 'judged', 'a mark and nothing behind it' => [$plain, path => '/token?']);
# Names that `ipfence_token_query` lists, as MSAL.js puts one there, and no others.
all_are('D10', 'judged', 'one that is listed' => [$plain, path => '/named?client-request-id=01234567-89ab-cdef-0123-456789abcdef'],
    'two' => [$plain, path => '/named?tenant=a%2Fb&client-request-id=x'], 'none' => [$plain, path => '/named'], 'an escaped letter' => [$plain, path => '/named?%74enant=7']);
all_are('D10', $malformed, map { ($_ => [$plain, path => "/named?$_"]) } 'client_id=relaxed', 'tenant=7&client_id=web', 'x=1', 'tenant', 'tenant=7&tenant=8', 'Tenant=7', 'tenant=7;client_id=relaxed',
    'client-request-id[client_id]=relaxed', 'tenant=%0a', 'tenant=%', '&tenant=7', 'tenant=7&&x', 'client_request_id=7', "tenant=\xe9");
for my $case (['tenant=7', 200], ['client_id=web', 405]) {
    my ($query, $status) = @$case;
    my @asks = (method => 'OPTIONS', headers => [['Origin', 'https://app.test'], ['Access-Control-Request-Method', 'POST']]);
    is($gate->request(path => "/named?$query", @asks)->{status}, $status, "D10: a preflight with $query");
    $gate->provider_saw;
}

# Sizes and numbers.
all_are('D13', '413 invalid_request', 'one parameter of 900 KB' => "$plain&x=" . 'y' x 900_000, 'one byte too much' => "$plain&x=" . 'y' x (65_536 - length($plain) - 2));
all_are('D13', $malformed, '15,000 names of a byte' => "$plain&" . join('&', map { chr(97 + $_ % 26) } 1 .. 15_000),
    '10,000 names' => "$plain&" . join('&', map { "n$_" } 1 .. 10_000), '100 parameters' => "$plain&" . join('&', map { "n$_=1" } 1 .. 96));
all_are('D13', 'judged', 'all that fits' => "$plain&x=" . 'y' x (65_535 - length($plain) - 2), 'a limit that was raised' => ["$plain&x=" . 'y' x 200_000, path => '/large'],
    'forty parameters' => "$plain&" . join('&', map { "n$_=1" } 1 .. 40));

# Content types.
my $part = sub { my ($name, $value) = @_; "--x\r\nContent-Disposition: form-data; name=\"$name\"\r\n\r\n$value\r\n" };
my $multipart = join('', map { $part->($_, $password{$_}) } sort keys %password) . "--x--\r\n";
all_are('D14', $unsupported, 'multipart' => [$multipart, type => 'multipart/form-data; boundary=x'], 'a form that says multipart' => [$plain, type => 'multipart/form-data; boundary=x'],
    map { ("the type '$_'" => [$plain, type => $_]) } 'text/plain', '', "$form-v2", "x-$form", "$form; charset=utf-16", "$form, application/json", 'application/octet-stream', '*/*');
all_are('D14', $malformed, 'multipart that says form' => [$multipart, type => $form]);
all_are('D15', $unsupported, map { ("'$_'" => [$multipart, type => "multipart/form-data; $_"]) }
    'boundary="x"', "boundary*=utf-8''x", 'boundary=y; boundary=x', 'boundary=x; charset=utf-7', 'boundary=');
all_are('D15', $unsupported, 'lines that end with LF' => [$multipart =~ s/\r//gr, type => 'multipart/form-data; boundary=x'],
    'fields before the first boundary' => ["$plain\r\n$multipart", type => 'multipart/form-data; boundary=x'], 'multipart/mixed' => [$multipart, type => 'multipart/mixed; boundary=x']);
all_are('D14', 'judged', 'in capitals' => [$plain, type => uc $form],
    map { ("with the charset $_" => [$plain, type => "$form; charset=$_"]) } 'UTF-8', '"utf-8"', 'ISO-8859-1', 'us-ascii');
all_are('D14', $malformed, map { ("in ISO-8859-1, $_" => ["$plain&x=$_", type => "$form; charset=ISO-8859-1"]) } '%C3%A9', "\xe9", 'a%e9');
all_are('D14', $unsupported, map { ("with '$_'" => [$plain, type => "$form; $_"]) } 'charset=utf-8; charset=iso-8859-1', 'charset=iso-8859-1; x=y', 'charset="iso-8859-1', 'charset=', 'charset');

# Content codings.
my %coded = (gzip => memGzip($plain), 'x-gzip' => memGzip($plain), deflate => compress($plain), br => $plain, zstd => $plain, identity => $plain, 'identity, gzip' => memGzip($plain), '' => $plain);
all_are('D16', $unsupported, map { ("the coding '$_'" => [$coded{$_}, headers => [['Content-Encoding', $_]]]) } keys %coded);
all_are('D16', $malformed, map { ("$_, which it does not say" => [$coded{$_}]) } qw(gzip deflate));
all_are('D16', $unsupported, 'a coding, twice' => [$plain, headers => [['Content-Encoding', 'identity'], ['Content-Encoding', 'gzip']]]);

# JSON is no token request, whatever is in it, and no form either.
my $json = encode_json(\%password);
my %json = (
    'D18: an object' => $json, 'D18: a string' => '"x"', 'D18: a list' => "[$json]", 'D18: null' => 'null', 'D18: a number' => '1', 'D18: nothing' => '',
    'D18: a list for a client' => '{"grant_type":"client_credentials","client_id":["machine"]}', 'D18: an object for a client' => '{"client_id":{"a":1}}', 'D18: a number for a client' => '{"client_id":1}',
    'D19: a key twice' => '{"client_id":"web",' . substr($json, 1), 'D19: an escaped key' => '{"client\u005fid":"relaxed",' . substr($json, 1), 'D19: NaN' => '{"x":NaN}',
    'D19: a comment' => "/* */$json", 'D19: a mark of byte order' => "\xef\xbb\xbf$json", 'D19: UTF-16' => join('', map { "\0$_" } split //, $json), 'D19: 3,000 levels' => '[' x 3000 . ']' x 3000,
);
for my $what (sort keys %json) {
    is(fate($json{$what}, type => $_), $unsupported, "$what, as $_") for 'application/json', 'application/json; charset=utf-8', 'text/json', 'application/jwt';
    is(fate($json{$what}, type => $form), $malformed, "$what, as a form");
}

# What may be there several times.
all_are('D29', 'judged', 'resources and audiences' => "$plain&resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb&audience=a&audience=b", 'a scope of several words' => "$plain&scope=a+b");
all_are('D29', $malformed, 'two scopes' => "$plain&scope=a&scope=b", 'two passwords' => "$plain&password=other", 'two that are empty' => "$plain&x=&x=", 'a resource in brackets' => "$plain&resource[]=a&resource[]=b");

$gate->finish;
done_testing;
