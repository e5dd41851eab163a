#pragma once

#include "engine/analysis/finding.hpp"
#include "engine/analysis/site.hpp"

// Each looks at one concern, and adds what it finds.
namespace ipfence {

/// The ways to the provider on which nothing is decided, and the ways that a request chooses.
void check_ways_to_provider(const Site &site, Findings &findings);

/// Other spellings of a guarded path, which lead elsewhere.
void check_spellings(const Site &site, Findings &findings);

/// Error pages of guarded locations that pass requests on.
void check_error_pages(const Site &site, Findings &findings);

/// Directives of nginx that undo or evade a decision, wherever they hold for a guarded location.
void check_settings(const Site &site, Findings &findings);

/// Headers between the gate and the provider.
void check_headers(const Site &site, Findings &findings);

/// Proxies that are trusted to say where a client is.
void check_trusted_proxies(const Site &site, Findings &findings);

/// What says from where a request comes, and whose it is.
void check_identities(const Site &site, Findings &findings);

/// Listeners, sizes and timeouts of servers.
void check_servers(const Site &site, Findings &findings);

/// Endpoints that no location has the kind of.
void check_kinds(const Site &site, Findings &findings);

/// Kinds of locations that nginx answers for before the gate is asked.
void check_answers_before(const Site &site, Findings &findings);

/// No memory for what is learned.
void check_zone(const Site &site, Findings &findings);

/// Files that decide, or that are secret, and their permissions.
void check_files(const Site &site, Findings &findings);

}  // namespace ipfence
