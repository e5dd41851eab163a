package IPFence::Message;

# What clients put into their requests, and how tests say what came back.

use strict;
use warnings;

use JSON::PP;
use MIME::Base64 ();

use Exporter qw(import);
our @EXPORT_OK = qw(base64 basic encode form json_error jwt);

sub form {
    my ($parameters) = @_;
    return $parameters unless ref $parameters;
    my @pairs = ref $parameters eq 'HASH' ? map { [$_, $parameters->{$_}] } sort keys %$parameters : @$parameters;
    return join '&', map { encode($_->[0]) . '=' . encode($_->[1]) } @pairs;
}

sub encode { my ($text) = @_; $text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge; return $text }

sub base64 { my ($text) = @_; return MIME::Base64::encode_base64($text, '') }

sub basic { my ($user, $password) = @_; return ['Authorization', 'Basic ' . base64("$user:$password")] }

# An unsigned-looking but well-formed JWT with these claims.
sub jwt {
    my ($claims) = @_;
    my @parts = map { my $part = base64($_); $part =~ tr{+/}{-_}; $part =~ s/=+$//; $part }
        ('{"alg":"RS256"}', ref $claims ? encode_json($claims) : $claims, 'signature bytes');
    return join '.', @parts;
}

# The error and description of a response, and whether it is the JSON that a token client expects.
sub json_error {
    my ($response) = @_;
    my $body = eval { decode_json($response->{body}) } // {};
    return "$response->{status} " . ($body->{error} // '-') . ': ' . ($body->{error_description} // '-');
}

1;
