package Bench::Cases;

# What is measured: which nginx, which request, what it is compared with, and what must be true before it is timed.

use strict;
use warnings;

use Exporter qw(import);
our @EXPORT_OK = qw(all_cases request_bytes);

our $opaque = 'A' x 43;
our $code = '0123456789abcdef0123456789abcdef';

# A form of some 300 bytes.
my $client = 'client_id=web&client_secret=a-secret-of-a-confidential-client-0123456789';
my $filler = 'scope=openid+email+profile+offline_access&resource=https%3A%2F%2Fapi.example.com%2Fv1%2Fsome%2Fresource'
    . '&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback';

sub form_of {
    my ($grant, $app) = @_;
    my $named = $client =~ s/web/$app/r;
    return "$grant&$named&$filler";
}

sub password { 'grant_type=password&username=' . ($_[0] =~ s/@/%40/r) . '&password=pw' }

my $as_alice = password('alice@example.com');
my $credentials = 'grant_type=client_credentials';

# A peer must refuse a request from outside, and let through what the policy lets through: one from inside, one of the app
# that is relaxed, and, when it can see the user, one of a user who is not restricted.
sub peer {
    my ($name, $sees_body, %other) = @_;
    my $path = $sees_body ? sub {'/token'} : sub {"/token?client_id=$_[0]"};
    my @checks = (
        {from => '127.0.0.1', path => $path->('web'), body => form_of($as_alice, 'web'), status => 200},
        {from => '127.0.2.1', path => $path->('web'), body => form_of($as_alice, 'web'), status => 400},
        {from => '127.0.2.1', path => $path->('mobile'), body => form_of($as_alice, 'mobile'), status => 200},
    );
    push @checks, {
        from => '127.0.2.1', path => '/token', status => 200,
        body => form_of(password('bob@example.com'), 'web'),
    } if $sees_body;
    return {
        name => $name, nginx => $name, path => $path->('web'), body => form_of($as_alice, 'web'), checks => \@checks,
        looks_at => $sees_body ? 'address, app, typed user' : 'address, app in the query', %other,
    };
}

# A case of ipfence itself: a server of ipfence.conf.
sub gate {
    my ($name, $looks_at, %request) = @_;
    my $outside = delete $request{outside};
    my $case = {name => $name, nginx => 'ipfence', looks_at => $looks_at, %request};
    $case->{checks} = [{%request, from => '127.0.0.1', status => $request{status} // 200}];
    push @{$case->{checks}}, {%request, from => '127.0.2.1', status => $outside} if $outside;
    return $case;
}

# all_cases($jwt): in the order of the table.
sub all_cases {
    my ($jwt) = @_;
    my $bearer = "Authorization: Bearer $opaque";
    my $sealed = form_of("grant_type=authorization_code&code=$code", 'web');
    my @cases = (
        gate('vanilla', 'nothing', nginx => 'vanilla', path => '/token', body => form_of($as_alice, 'web')),
        gate('vanilla, access log', 'nothing', nginx => 'vanilla_log', path => '/token', body => form_of($as_alice, 'web')),
        peer('geo', 0),
        peer('lua', 1),
        peer('lua', 1, name => 'lua, no log', server => 'UNLOGGED'),
        peer('njs', 1),
        {%{peer('auth_request', 0)}, sidecar => 1},
        peer('modsecurity', 1),
        gate('ipfence off', 'nothing', server => 'OFF', path => '/token', body => form_of($as_alice, 'web')),
        gate('ipfence request only', 'address, app, its user', nginx => 'ipfence_request_only', path => '/token',
            body => form_of($credentials, 'web'), outside => 400),
        gate('ipfence request only, no audit', 'address, app, its user', nginx => 'ipfence_request_only', server => 'UNAUDITED',
            path => '/token', body => form_of($credentials, 'web'), outside => 400),
        gate('ipfence denied', 'request', server => 'DENIED', path => '/token', body => form_of($as_alice, 'web'), status => 400),
        gate('ipfence client credentials', 'request, answer', path => '/token', body => form_of($credentials, 'web'),
            outside => 400),
        gate('ipfence password', 'request, answer', path => '/token', body => form_of($as_alice, 'web'), outside => 400),
        gate('ipfence code', 'request, answer', path => '/token', body => $sealed, outside => 400),
        gate('ipfence refresh', 'request, answer', path => '/token',
            body => form_of("grant_type=refresh_token&refresh_token=$opaque", 'web'), outside => 400),
        gate('vanilla GET', 'nothing', nginx => 'vanilla', path => '/api', header => $bearer),
        gate('ipfence API', 'remembered token', server => 'API', path => '/api', header => $bearer, outside => 403),
        gate('ipfence API, no audit', 'remembered token', server => 'API_UNAUDITED', path => '/api', header => $bearer, outside => 403),
        gate('ipfence API, audit without buffer', 'remembered token', server => 'API_UNBUFFERED', path => '/api', header => $bearer,
            outside => 403),
        gate('vanilla GET, JWT', 'nothing', nginx => 'vanilla', path => '/api', header => "Authorization: Bearer $jwt"),
        gate('ipfence API, JWT', 'verified token', server => 'API_JWT', path => '/api', header => "Authorization: Bearer $jwt",
            outside => 403),
        gate('ipfence API, JWT not seen before', 'verified token', nginx => 'ipfence_unseen', path => '/api',
            header => "Authorization: Bearer $jwt", outside => 403),
        gate('ipfence page', 'remembered session', server => 'PAGE', path => '/page', header => "Cookie: sid=$opaque", outside => 403),
    );
    $_->{baseline} = baseline_of($_) for @cases;
    return @cases;
}

# The vanilla case with a request like this one's: a JWT is a header of a kilobyte, which takes nginx its time.
sub baseline_of {
    my ($case) = @_;
    return 'vanilla' if defined $case->{body};
    return $case->{name} =~ /JWT/ ? 'vanilla GET, JWT' : 'vanilla GET';
}

# A case's request as it goes over the wire.
sub request_bytes {
    my ($case) = @_;
    my @lines = ((defined $case->{body} ? 'POST' : 'GET') . " $case->{path} HTTP/1.1", 'Host: 127.0.0.1');
    push @lines, $case->{header} if $case->{header};
    push @lines, 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: ' . length $case->{body}
        if defined $case->{body};
    return join("\r\n", @lines, '', '') . ($case->{body} // '');
}

1;
