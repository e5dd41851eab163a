// threats.md, C05, C10 and lint (3): who may say where a client is.

#include <memory>
#include <optional>

#include "engine/address/address_range.hpp"
#include "engine/analysis/checks.hpp"
#include "engine/analysis/permissions.hpp"
#include "engine/analysis/rules.hpp"
#include "engine/policy/load_policy.hpp"
#include "engine/whole_number.hpp"

namespace ipfence {

namespace {

constexpr unsigned kWidestIpv4 = 16;  // prefix lengths
constexpr unsigned kWidestIpv6 = 64;

// The first address of the block that `address` is in.
Address masked(Address address, unsigned length) {
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    if (address.family() == Address::Family::ipv4) {
        const std::uint64_t mask = kAll << (32 - length);
        return Address::from_ipv4(address.ipv4() & static_cast<std::uint32_t>(mask));
    }
    const std::uint64_t high = length == 0 ? 0 : length >= 64 ? kAll : kAll << (64 - length);
    const std::uint64_t low = length <= 64 ? 0 : kAll << (128 - length);
    return Address::from_ipv6(address.high() & high, address.low() & low);
}

// nginx takes a block with host bits, and clears them. A name or "unix:" is no network.
std::optional<AddressRange> network_of(std::string_view text) {
    const auto as_written = AddressRange::parse(text);
    if (as_written) {
        return *as_written;
    }
    const std::size_t slash = text.find('/');
    const auto address = Address::parse(text.substr(0, slash));
    if (!address || slash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto length = whole_number<unsigned>(text.substr(slash + 1));
    const unsigned longest = address->family() == Address::Family::ipv4 ? 32 : 128;
    if (!length || *length > longest) {
        return std::nullopt;
    }
    const auto network =
        AddressRange::parse(masked(*address, *length).text() + '/' + std::to_string(*length));
    return network ? std::optional(*network) : std::nullopt;
}

bool is_wide(const AddressRange &range) {
    const Address first = range.first();
    const Address last = range.last();
    if (first.family() == Address::Family::ipv4) {
        return last.ipv4() - first.ipv4() >= (1U << (32 - kWidestIpv4));
    }
    static_assert(kWidestIpv6 == 64, "the halves of an address are compared");
    return last.high() != first.high();
}

// The policy of a scope; null when it has none or nginx, too, would refuse it.
std::unique_ptr<const Policy> policy_of(const Site &site, const Scope &scope) {
    const NginxDirective *directive = scope.effective("ipfence_policy");
    if (directive == nullptr) {
        return nullptr;
    }
    const std::string path = site.configuration().full_path(directive->argument(0));
    return permissions_of(path) ? load_policy(path).policy : nullptr;
}

struct Trust {
    const NginxDirective *directive;
    bool is_realip;
};

void check_range(const Trust &trust, std::string_view argument, const Policy *policy,
                 Findings &findings) {
    const auto range = network_of(argument);
    if (!range) {
        return;
    }
    const std::string named =
        '"' + trust.directive->words.front() + ' ' + std::string(argument) + '"';
    const ConfigurationPlace place = trust.directive->place;
    if (is_wide(*range)) {
        findings.add(rules::kWideProxies, place, named + " trusts a whole network");
    }
    const bool can_overlap = trust.is_realip || range->first() != range->last();
    const auto allowed =
        can_overlap && policy != nullptr ? policy->find_overlap(*range) : std::nullopt;
    if (allowed) {
        findings.add(trust.is_realip ? rules::kRealipInAllowedRange : rules::kProxiesInAllowedRange,
                     place, named + " overlaps " + allowed->text() + " of the policy");
    }
}

void check_trust(const Trust &trust, const Policy *policy, Findings &findings) {
    for (std::size_t index = 0; index + 1 < trust.directive->words.size(); ++index) {
        check_range(trust, trust.directive->argument(index), policy, findings);
    }
}

void check_scope(const Scope &scope, const Policy *policy, Findings &findings) {
    for (const NginxDirective *directive : scope.all_effective("set_real_ip_from")) {
        check_trust({directive, true}, policy, findings);
    }
    for (const NginxDirective *directive : scope.all_effective("ipfence_trusted_proxies")) {
        check_trust({directive, false}, policy, findings);
    }
}

void check_places(const Site &site, Findings &findings) {
    for (const Scope *scope : site.scopes()) {
        const NginxDirective *realip = scope->own("set_real_ip_from");
        if (realip != nullptr && scope->type() == Scope::Type::location && scope->is_guarded()) {
            findings.add(rules::kRealipInLocation, realip->place,
                         "\"set_real_ip_from\" in " + scope->text());
        }
    }
}

}  // namespace

void check_trusted_proxies(const Site &site, Findings &findings) {
    check_places(site, findings);
    const NginxDirective *loaded_for = nullptr;
    std::unique_ptr<const Policy> policy;
    for (const Pass *pass : site.guarded_passes()) {
        if (const NginxDirective *wanted = pass->scope->effective("ipfence_policy");
            wanted != loaded_for) {
            policy = policy_of(site, *pass->scope);
            loaded_for = wanted;
        }
        check_scope(*pass->scope, policy.get(), findings);
    }
}

}  // namespace ipfence
