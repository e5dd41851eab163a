# What the deployment says of app, user and profile, in the request and in the answer.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;

my $policy = IPFence::Gate::default_policy();
$policy->{organization}{profile_claim} = 'profile';
my $gate = gate(
    policy => $policy,
    http => 'map $upstream_http_x_user $late { volatile; default $upstream_http_x_user; }',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /app { ipfence token; ipfence_app $http_x_none $http_x_app; proxy_pass http://provider; }
        location /user { ipfence token; ipfence_user $http_x_none $http_x_user; proxy_pass http://provider;
            location /user/other { ipfence_user $http_x_other; proxy_pass http://provider; } }
        location /late { ipfence token; ipfence_user $late; proxy_pass http://provider; }
CONF
    expected_log => [qr/cannot be judged/],
);

my %code = (grant_type => 'authorization_code', code => 'c', client_id => 'web');
sub answer {
    my ($claims, @headers) = @_;
    my $body = encode_json({access_token => 'opaque', ref $claims ? (id_token => jwt($claims)) : ()});
    return join "\r\n", 'HTTP/1.1 200 OK', @headers, "Content-Length: ${\ length $body}", '', $body;
}
sub verdict {
    my ($parameters, %with) = @_;
    my $status = $gate->token($parameters, from => outside, %with)->{status};
    my $line = $gate->last_audit;
    my $said = join ' ', $status, map { $_ // '-' } @$line{qw(phase app user profile reason)};
    return $said . ' forwarded ' . scalar $gate->provider_saw;
}

# The app.
$gate->answers(answer({sub => 'alice'}));
is(verdict(\%code, path => '/app', headers => [['X-App', 'relaxed']]),
    '200 response relaxed alice office relaxed_app forwarded 1', 'ipfence_app comes before the client_id');
is(verdict(\%code, path => '/app'), '400 response web alice office outside_login_ip_ranges forwarded 1',
    'which counts where every value is empty');
is(verdict({grant_type => 'client_credentials', client_id => 'machine'}, path => '/app', headers => [['X-App', 'service']]),
    '400 request service alice office outside_login_ip_ranges forwarded 0', 'its run_as is the one that counts');
is(verdict(\%code, path => '/app', headers => [['X-App', "rel\xff"]]), '400 request - - - ambiguous_request forwarded 0',
    'one that is no text is refused');

# The user, known before the provider is asked. With a profile_claim, a user that the policy lists is decided at
# once, another one needs the token.
is(verdict(\%code, path => '/user', headers => [['X-User', 'alice']]),
    '400 request web alice office outside_login_ip_ranges forwarded 0', 'ipfence_user denies at once');
is(verdict(\%code, path => '/user', headers => [['X-User', 'traveller']]),
    '200 request web traveller anywhere no_login_ip_ranges forwarded 1', 'and allows, whomever the answer names');
is(verdict(\%code, path => '/user'), '400 response web alice office outside_login_ip_ranges forwarded 1', 'else the answer does');
is(verdict(\%code, path => '/user/other', headers => [['X-User', 'traveller']]),
    '400 response web alice office outside_login_ip_ranges forwarded 1', 'a location has its own');
is(verdict(\%code, path => '/user', headers => [['X-User', "\xff"]]), '400 request - - - ambiguous_request forwarded 0',
    'one that is no text is refused');
$gate->answers(answer({sub => 'alice'}, 'X-User: traveller'));
is(verdict(\%code, path => '/late'), '200 response web traveller anywhere no_login_ip_ranges forwarded 1', 'a volatile map of the answer');

# The profile that a token names, for users that the policy does not list.
for my $case (
    [{sub => 'mallory', profile => 'anywhere'}, '200 response web mallory anywhere no_login_ip_ranges forwarded 1', 'the claimed profile'],
    [{sub => 'mallory', profile => 'office'}, '400 response web mallory office outside_login_ip_ranges forwarded 1', 'a strict one'],
    [{sub => 'mallory'}, '400 response web mallory office outside_login_ip_ranges forwarded 1', 'the default without the claim'],
    [{sub => 'alice', profile => 'anywhere'}, '400 response web alice office outside_login_ip_ranges forwarded 1', 'not for a listed user'],
    [{sub => 'mallory', profile => 'nowhere'}, '400 response web mallory - profile_unknown forwarded 1', 'one that does not exist'],
    [{sub => 'mallory', profile => ['anywhere']}, '400 response web mallory - profile_unknown forwarded 1', 'one that is no text'],
) {
    my ($claims, $expected, $what) = @$case;
    $gate->answers(answer($claims));
    is(verdict(\%code), $expected, "profile_claim: $what");
}
$gate->finish;

# default_profile null says that users whom nobody lists are not restricted; nobody at all still is.
$policy = IPFence::Gate::default_policy();
$policy->{organization}{default_profile} = undef;
$gate = gate(policy => $policy);
$gate->answers(answer({sub => 'mallory'}));
is(verdict(\%code), '200 response web mallory - no_login_ip_ranges forwarded 1', 'default_profile null: an unlisted user');
$gate->answers(answer('opaque'));
is(verdict(\%code), '400 response web - - user_unidentified forwarded 1', 'default_profile null: nobody');
is(verdict({grant_type => 'password', username => 'mallory', password => 'p', client_id => 'web'}),
    '400 response web - - user_unidentified forwarded 1', 'a typed name that is not listed identifies nobody');
$gate->finish;
done_testing;
