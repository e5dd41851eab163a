package IPFence::Geoip;

# MaxMind databases for tests, written by MaxMind's own writer.

use strict;
use warnings;

use Exporter qw(import);
use MaxMind::DB::Writer::Tree;

our @EXPORT = qw(country_database asn_database);

sub database {
    my ($path, $type, $networks, %types) = @_;
    my $tree = MaxMind::DB::Writer::Tree->new(
        ip_version => 6,
        record_size => 24,
        database_type => $type,
        languages => ['en'],
        description => {en => 'a test'},
        map_key_type_callback => sub { $types{$_[0]} },
        alias_ipv6_to_ipv4 => 0,
        remove_reserved_networks => 0,
    );
    $tree->insert_network($_, $networks->{$_}) for sort keys %$networks;
    # In place of the old one, as an updater does it.
    open my $handle, '>:raw', "$path.new" or die "$path.new: $!";
    $tree->write_tree($handle);
    close $handle or die "$path.new: $!";
    rename "$path.new", $path or die "$path: $!";
    return $path;
}

# country_database(path, '127.0.4.0/24' => 'DE', …)
sub country_database {
    my ($path, %countries) = @_;
    my %networks = map { $_ => {country => {iso_code => $countries{$_}}} } keys %countries;
    return database($path, 'Test-Country', \%networks, country => 'map', iso_code => 'utf8_string');
}

# asn_database(path, '127.0.5.0/24' => 64496, …)
sub asn_database {
    my ($path, %systems) = @_;
    my %networks = map { $_ => {autonomous_system_number => $systems{$_}} } keys %systems;
    return database($path, 'Test-ASN', \%networks, autonomous_system_number => 'uint32');
}

1;
