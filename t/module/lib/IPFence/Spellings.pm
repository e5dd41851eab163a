package IPFence::Spellings;

# What some provider takes for /oauth/token (catalogue, group A), and what becomes of it under the shipped configuration.

use strict;
use warnings;

use Exporter qw(import);
our @EXPORT = qw(spellings shown);

# Each row: the catalogue's id, `judged` as the path itself or `refused`, and the spellings.
my @rows = (
    ['A01', judged => '/oauth/token/', '/oauth/token/.', '/oauth/token/./', '/oauth/token//', '/oauth/token/%2e'],
    ['A01', refused => '/oauth/token/..', '/oauth/token/x/..', '/oauth/token/x/../', '/oauth/token/..%2f'],
    ['A02', refused => '/oauth/token;x=1', '/oauth/token;', '/oauth;x=1/token', '/oauth/..;/oauth/token', '/oauth/;/token', '/oauth/token%3bx', '/oauth%3Bx/token', '/;/oauth/token'],
    ['A03', judged => '/oauth%2ftoken', '/oauth%2Ftoken', '/oauth/token%2f', '/oauth/%74oken', '/%6f%61%75%74%68/token'],
    ['A03', refused => '/oauth/%2574oken', '/oauth%252ftoken', '/oauth%5ctoken', '/oauth\\token', "/oauth/token\\", '/oauth/\\token', '/oauth/token%5c',
        '/oauth/token%3f', '/oauth/token%3Fa=b', '/oauth/token%23', '/oauth/token%25', '/oauth/token%zz', '/oauth/token%u002f'],
    ['A06', judged => '/oauth/Token', '/OAUTH/TOKEN', '/Oauth/tOkEn/', '/oauth/%54oken'],
    ['A08', refused => map({ "/oauth/token$_" } '%20', '%09', '%0a', '%0d', '%00', '%7f', '%a0', '%85', "\xe9", '%e9', '%e2%80%8b', "\t", "\x01", "\x7f"),
        '/oauth/to%e2%80%8bken', '/oauth/%20token', '/oauth/to%e2%84%aaen', '/oauth/%ef%bd%94oken'],
    ['A09', refused => '/oauth%c0%aftoken', '/oauth/token%c0%af', '/%c0%ae%c0%ae/oauth/token', '/oauth/t%c1%afken'],
    ['A10', refused => map { "/oauth/token$_" } '.', '..', '.json', '.do', './', ',', '&a=b', '+', '*', '!', ':', '=', '@', "'", '"', '|', '$', '[]'],
    ['A01', judged => '/oauth//token', '/oauth/./token', '/%2e/oauth/token'],
    ['A01', refused => '//oauth/token', '/x/../oauth/token', '/oauth/x/%2e%2e/token', '/../oauth/token', '/oauth/token#', '/oauth/token#a', '/oauth/token?#a=b', '*', 'oauth/token'],
);

# [id, what becomes of it, target] each.
sub spellings { return map { my ($id, $fate, @targets) = @$_; map { [$id, $fate, $_] } @targets } @rows }

sub shown { my ($target) = @_; $target =~ s/([^\x21-\x7e])/sprintf '\\x%02x', ord $1/ge; return $target }

1;
