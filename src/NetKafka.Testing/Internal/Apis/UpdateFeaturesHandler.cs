using NetKafka.Protocol;
using NetKafka.Testing.Internal.Cluster;
using Request = NetKafka.Protocol.Messages.UpdateFeaturesRequest;
using Response = NetKafka.Protocol.Messages.UpdateFeaturesResponse;

namespace NetKafka.Testing.Internal.Apis;

/// <summary>UpdateFeatures, every version, asked of any broker: all updates are made, or none. Left out: the timeout, and features that need others.</summary>
sealed class UpdateFeaturesHandler : ApiHandler<Request, Response>
{
    const short FirstVersionWithType = 1;
    const short FirstVersionWithoutResults = 2;
    const sbyte Upgrade = 1;
    const sbyte UnsafeDowngrade = 3;

    internal override Response Fail(Call<Request, Response> call, ErrorCode error) => new() { ThrottleTimeMs = call.ThrottleMs, ErrorCode = error, ErrorMessage = null };

    protected override void Handle(Call<Request, Response> call, long nowMs)
    {
        var (request, settings) = (call.Request, call.Cluster.Settings);
        foreach (var update in request.FeatureUpdates)
        {
            if (Mistake(call, update) is { } mistake)
            {
                var refused = Fail(call, ErrorCode.InvalidUpdateVersion);
                refused.ErrorMessage = "The update failed for all features since the following feature had an error: "
                    + $"Invalid update version {update.MaxVersionLevel} for feature {update.Feature}. {mistake}";
                call.Answer(refused);
                return;
            }
        }

        if (!request.ValidateOnly)
        {
            foreach (var update in request.FeatureUpdates)
                FinalizedFeature.Find(update.Feature)!.Set(settings, update.MaxVersionLevel);
            settings.FeaturesEpoch++;
        }

        call.Answer(new Response
        {
            ThrottleTimeMs = call.ThrottleMs,
            ErrorMessage = null,
            Results = call.Version >= FirstVersionWithoutResults
                ? []
                : [.. request.FeatureUpdates.Select(static update => new Response.UpdatableFeatureResult { Feature = update.Feature, ErrorMessage = null })],
        });
    }

    static string? Mistake(Call<Request, Response> call, Request.FeatureUpdateKey update)
    {
        var type = call.Version >= FirstVersionWithType ? update.UpgradeType : update.AllowDowngrade ? UnsafeDowngrade : Upgrade;
        if (type is < Upgrade or > UnsafeDowngrade)
            return "The controller does not support the given upgrade type.";
        if (update.MaxVersionLevel < 0)
            return "A feature version cannot be less than 0.";
        if (FinalizedFeature.Find(update.Feature) is not { } feature)
            return $"Local controller {call.Cluster.ControllerId} does not support this feature.";
        if (update.MaxVersionLevel > feature.Highest)
            return $"Local controller {call.Cluster.ControllerId} only supports versions 0-{feature.Highest}";
        var level = feature.Get(call.Cluster.Settings);
        if (update.MaxVersionLevel < level && type == Upgrade)
            return "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.";
        if (update.MaxVersionLevel < level && feature.Name == FinalizedFeature.KRaftVersion)
            return "Can't downgrade the version of this feature.";
        return update.MaxVersionLevel > level && type != Upgrade ? "Can't downgrade to a newer version." : null;
    }
}
