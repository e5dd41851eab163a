#include "engine/policy/app_reader.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "engine/policy/json_value.hpp"

namespace ipfence {

namespace {

constexpr std::array<std::string_view, 6> kAppKeys{
    "ip_relaxation", "protocols", "trusted_ip_ranges", "trusted_ip_ranges_effect",
    "name",          "run_as"};
constexpr std::size_t kDefaultAppKeys = 4;

void read_protocols(Inspection &inspection, const json_t *value, AppSettings &app) {
    const auto place = inspection.enter("protocols");
    const auto check = [&](const std::string &protocol) {
        if (protocol != "oauth" && protocol != "saml") {
            inspection.error("\"" + protocol + "\" is not one of \"oauth\", \"saml\"");
        }
    };
    const std::vector<std::string> protocols = texts_of(inspection, value, check);
    app.oauth = std::ranges::find(protocols, "oauth") != protocols.end();
    app.saml = std::ranges::find(protocols, "saml") != protocols.end();
}

void read_settings(Inspection &inspection, const json_t *value, RangeListReader &lists,
                   AppSettings &app) {
    if (const json_t *relaxation = json_object_get(value, "ip_relaxation")) {
        const auto place = inspection.enter("ip_relaxation");
        app.ip_relaxation =
            word_of(inspection, relaxation, kRelaxationNames).value_or(Relaxation::enforce);
    }
    if (const json_t *protocols = json_object_get(value, "protocols")) {
        read_protocols(inspection, protocols, app);
    }
    if (const json_t *ranges = json_object_get(value, "trusted_ip_ranges")) {
        const auto place = inspection.enter("trusted_ip_ranges");
        ListedRanges list = lists.read(inspection, ranges);
        app.trusted_ip_ranges = list.ranges;
        app.trusted_origins = std::move(list.origins);
    }
    if (const json_t *effect = json_object_get(value, "trusted_ip_ranges_effect")) {
        const auto place = inspection.enter("trusted_ip_ranges_effect");
        app.trusted_ip_ranges_effect = word_of(inspection, effect, kTrustedRangesEffectNames)
                                           .value_or(TrustedRangesEffect::replace);
    }
}

std::string read_text_member(Inspection &inspection, const json_t *value, const char *key) {
    const json_t *member = json_object_get(value, key);
    if (member == nullptr) {
        return {};
    }
    const auto place = inspection.enter(key);
    return text_of(inspection, member).value_or(std::string{});
}

}  // namespace

AppSettings read_app(Inspection &inspection, std::string client_id, const json_t *value,
                     RangeListReader &lists) {
    AppSettings app;
    app.client_id = std::move(client_id);
    if (is_object(inspection, value, kAppKeys)) {
        read_settings(inspection, value, lists, app);
        app.name = read_text_member(inspection, value, "name");
        app.run_as = read_text_member(inspection, value, "run_as");
    }
    return app;
}

AppSettings read_default_app(Inspection &inspection, const json_t *value, RangeListReader &lists) {
    AppSettings app;
    if (is_object(inspection, value, std::span(kAppKeys).first(kDefaultAppKeys))) {
        read_settings(inspection, value, lists, app);
    }
    return app;
}

}  // namespace ipfence
