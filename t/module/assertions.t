# Assertions as grants (RFC 7521): the gate does not read SAML, takes a JWT's word for a hint only, and always enforces.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(policy => world(), http => 'ipfence_zone zone=learned:1m;', expected_log => [qr/another user/]);
my %saml = (grant_type => 'urn:ietf:params:oauth:grant-type:saml2-bearer', client_id => 'relaxed');
my %jwt = (grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_id => 'relaxed');

sub base64url { my ($text) = @_; my $encoded = IPFence::Gate::base64($text); $encoded =~ tr{+/}{-_}; $encoded =~ s/=+$//; return $encoded }

sub saml {
    my ($user) = @_;
    return base64url(qq{<saml:Assertion ID="a"><saml:Subject><saml:NameID>$user</saml:NameID></saml:Subject></saml:Assertion>});
}

# "status flow user reason", and how often the provider was asked.
sub verdict {
    my ($parameters, $answered_user, $from) = @_;
    $gate->answers(tokens($answered_user, access_token => 'A', refresh_token => 'R'));
    $gate->audit;
    my $status = $gate->token($parameters, from => $from)->{status};
    my $line = $gate->last_audit;
    return join ' ', $status, $line->{flow} // '-', $line->{user} // '-', $line->{reason}, scalar(my @seen = $gate->provider_saw);
}

# Whatever the app's relaxation, and whoever the assertion is for, this request's address counts.
my $outside = '400 saml_bearer alice outside_login_ip_ranges 1';
for my $app (qw(web relaxed refresh devices branch)) {
    is(verdict({%saml, client_id => $app, assertion => saml('alice')}, 'alice', outside), $outside, "F05, H07: SAML outside, at the app $app");
    is(verdict({%saml, client_id => $app, assertion => saml('alice')}, 'alice', inside), '200 saml_bearer alice login_ip_range 1', 'inside');
    is(verdict({%jwt, client_id => $app, assertion => jwt({sub => 'alice'})}, 'alice', outside),
        '400 jwt_bearer alice outside_login_ip_ranges 0', "F05: JWT outside, at the app $app: the provider is not asked");
    is(verdict({%jwt, client_id => $app, assertion => jwt({sub => 'alice'})}, 'alice', inside), '200 jwt_bearer alice login_ip_range 1', 'inside');
}

# What its XML says is the provider's affair: the answer names the user.
my %hostile = (
    'H01: an external entity' => '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Assertion>&x;</Assertion>',
    'H01: a thousand million laughs' => '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Assertion>&b;</Assertion>',
    'H03: two assertions' => '<Response><Assertion ID="1"><NameID>robin</NameID></Assertion><Assertion ID="1"><NameID>alice</NameID></Assertion></Response>',
    'H04: a name in two parts' => '<NameID>robin<!---->.alice</NameID>',
    'no XML' => "\0\x01\xff",
    'deep' => '<a>' x 5000,
);
for my $what (sort keys %hostile) {
    is(verdict({%saml, assertion => base64url($hostile{$what})}, 'alice', outside), $outside, "$what: alice, outside");
    is(verdict({%saml, assertion => base64url($hostile{$what})}, 'robin', outside), '200 saml_bearer robin no_login_ip_ranges 1', "$what: robin");
}
is(verdict({%saml, assertion => saml('robin')}, undef, inside), '400 saml_bearer - user_unidentified 1', 'an answer that names nobody is not helped by the assertion');

# An assertion as large as some are is read; a larger one is refused, not skipped.
is(verdict({%saml, assertion => saml('x' x 34_500)}, 'alice', outside), $outside, 'H08: an assertion of 46 kB');
is(verdict({%saml, assertion => saml('x' x 34_500)}, 'alice', inside), '200 saml_bearer alice login_ip_range 1', 'H08: inside');
is(verdict({%saml, assertion => saml('x' x 60_000)}, 'alice', inside), '413 - - request_too_large 0', 'H08: one above the limit');

# What an assertion began goes on as that.
for my $grant (\%saml, \%jwt) {
    my $assertion = $grant == \%jwt ? jwt({sub => 'alice'}) : saml('alice');
    like(verdict({%$grant, assertion => $assertion}, 'alice', inside), qr/\A200/, 'a session');
    like(verdict({grant_type => 'refresh_token', refresh_token => 'R', client_id => 'relaxed'}, 'alice', outside),
        qr/\A400 (saml|jwt)_bearer alice outside_login_ip_ranges 0\z/, 'F13: is not relaxed at its refresh');
}

# A JWT's name is a hint, which can deny and no more: the answer's user is decided again.
is(verdict({%jwt, assertion => jwt({sub => 'robin'})}, 'alice', outside), '400 jwt_bearer alice outside_login_ip_ranges 1', 'F02: the assertion names robin, the answer alice');
# So it is with what somebody types: another of her names is not the one that the policy lists.
for my $typed ('alice@corp.test', '+49 30 1234567', 'ALICE') {
    my %password = (grant_type => 'password', username => $typed, password => 'pw', client_id => 'web');
    is(verdict(\%password, 'alice', outside), '400 username_password alice outside_login_ip_ranges 1', "F03: she signs in as $typed, outside");
    is(verdict(\%password, 'alice', inside), '200 username_password alice login_ip_range 1', 'F03: inside');
}
is(verdict({%jwt, assertion => 'not.a.jwt'}, 'alice', outside), '400 jwt_bearer alice outside_login_ip_ranges 1', 'one that is none');

$gate->finish;
done_testing;
