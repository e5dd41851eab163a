#pragma once

#include <array>

#include "engine/analysis/rules.hpp"

namespace ipfence::rules {

/// Every rule of the linter, in the order of docs/lint.md.
inline constexpr std::array kAll{&kNothingGuarded,
                                 &kUnguardedLocation,
                                 &kOffLocation,
                                 &kRefusedLocation,
                                 &kUnguardedStream,
                                 &kUnknownTarget,
                                 &kVariableTarget,
                                 &kUnguardedUpstream,
                                 &kOtherSpellings,
                                 &kErrorPageAround,
                                 &kProxiedErrorPage,
                                 &kMirror,
                                 &kServerSideIncludes,
                                 &kPostAction,
                                 &kSatisfyAny,
                                 &kChangedBody,
                                 &kChangedMethod,
                                 &kUnjudgedParts,
                                 &kCachedAnswers,
                                 &kRetriedRequests,
                                 &kEarlyData,
                                 &kUnmergedSlashes,
                                 &kUnderscores,
                                 &kInvalidHeaders,
                                 &kAcceleratedRedirect,
                                 &kContentCoding,
                                 &kChangedCredential,
                                 &kClientHeaders,
                                 &kWideProxies,
                                 &kRealipInAllowedRange,
                                 &kProxiesInAllowedRange,
                                 &kRealipInLocation,
                                 &kTwoAddressSources,
                                 &kUnreadProxyProtocol,
                                 &kQuicListener,
                                 &kClientChosen,
                                 &kDefaultServer,
                                 &kBodySize,
                                 &kShutdownTimeout,
                                 &kPublicStatus,
                                 &kMissingKind,
                                 &kAnsweredBefore,
                                 &kMissingZone,
                                 &kMonitorMode,
                                 &kWritableFile,
                                 &kReadableKey};

}  // namespace ipfence::rules
