package IPFence::Keys;

# A provider's keys, and what it signs with them.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use MIME::Base64 qw(encode_base64);

our @EXPORT = qw(base64url make_key jwk key_set sign);

sub base64url { my $text = encode_base64($_[0], ''); $text =~ tr{+/}{-_}; $text =~ s/=+$//; return $text }

# A new RSA key in this file.
sub make_key { my ($file) = @_; system("openssl genrsa -out $file 2048 2>/dev/null") == 0 or die 'openssl'; return $file }

sub jwk {
    my ($file, $kid) = @_;
    my ($modulus) = qx(openssl rsa -in $file -noout -modulus) =~ /=([0-9A-F]+)/;
    return {kty => 'RSA', kid => $kid, use => 'sig', alg => 'RS256', n => base64url(pack 'H*', $modulus), e => 'AQAB'};
}

sub key_set { return JSON::PP->new->canonical->encode({keys => [@_]}) }

sub sign {
    my ($file, $claims, %header) = @_;
    my $text = join '.', map { base64url(encode_json($_)) } {alg => 'RS256', typ => 'at+jwt', kid => 'one', %header}, $claims;
    open my $signed, '>', "$file.signed" or die "$file.signed: $!";
    print $signed $text;
    close $signed or die "$file.signed: $!";
    return $text . '.' . base64url(join '', qx(openssl dgst -sha256 -sign $file $file.signed));
}

1;
