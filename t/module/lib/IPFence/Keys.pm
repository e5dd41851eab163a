package IPFence::Keys;

# A provider's keys, and what it signs with them.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use Math::BigInt;
use MIME::Base64 qw(encode_base64);

our @EXPORT = qw(base64url make_key jwk key_set sign sign_es256);

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

# Both texts of a token that this key of P-256 signs: with (r, s) and with (r, n - s).
sub sign_es256 {
    my ($file, $claims) = @_;
    my $text = join '.', map { base64url(encode_json($_)) } {alg => 'ES256'}, $claims;
    open my $signed, '>', "$file.signed" or die "$file.signed: $!";
    print $signed $text;
    close $signed or die "$file.signed: $!";
    my ($r, $s) = qx(openssl dgst -sha256 -sign $file $file.signed | openssl asn1parse -inform DER) =~ /INTEGER +:([0-9A-F]+)/g;
    my $twin = Math::BigInt->from_hex('FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551') - Math::BigInt->from_hex($s);
    return map { my $number = $_; "$text." . base64url(pack 'H*', join '', map { substr '0' x 64 . $_, -64 } $r, $number) } $s, substr $twin->as_hex, 2;
}

1;
