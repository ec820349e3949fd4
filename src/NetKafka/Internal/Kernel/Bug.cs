#if NETKAFKA_CHECKED
namespace NetKafka.Internal.Kernel;

/// <summary>Bugs that clients have had, or could have, and that the simulation must find. Each stands where it would be made.</summary>
enum Bug
{
    /// <summary>The client as it is shipped.</summary>
    None,

    /// <summary>A batch that may have been written is reported as not written.</summary>
    UnknownIsNotWritten,

    /// <summary>A request whose answer was lost counts as not handled (librdkafka #4438).</summary>
    LostIsNotWritten,

    /// <summary>What may have been written goes out again under a new number.</summary>
    UnknownIsStampedAnew,

    /// <summary>A batch that is sent again gets the next number.</summary>
    RetryHasANewNumber,

    /// <summary>New batches go before those that failed.</summary>
    RetryGoesBehindTheOthers,

    /// <summary>DUPLICATE_SEQUENCE_NUMBER counts as a refusal.</summary>
    DuplicateIsRefused,

    /// <summary>A batch takes one number, however many records it has.</summary>
    NumbersCountBatches,

    /// <summary>A partition without traffic goes on with its numbers under the new epoch (KAFKA-12152).</summary>
    IdlePartitionKeepsItsNumbers,

    /// <summary>Numbers begin anew under the same epoch.</summary>
    EpochIsNotRaised,

    /// <summary>A batch that is missing for certain does not hold up those behind it.</summary>
    HoleIsForgotten,

    /// <summary>The number of a batch that may have been written goes to other records.</summary>
    NumberOfUnknownIsUsedAgain,

    /// <summary>More batches are under way than the broker remembers.</summary>
    InFlightHasNoBound,

    /// <summary>A Produce request carries two batches of one partition.</summary>
    RequestNamesAPartitionTwice,

    /// <summary>NOT_LEADER_OR_FOLLOWER does not lead to new metadata.</summary>
    NewLeaderIsNotLookedFor,

    /// <summary>A partition that had no leader is not looked at when it has one.</summary>
    LeaderlessIsForgotten,

    /// <summary>A time-out while replicas were waited for counts as not written (franz-go #1217).</summary>
    TimeoutOfReplicasIsRefusal,

    /// <summary>The buffer of an expired batch is used again while it is under way (CVE-2026-35554).</summary>
    ExpiredBufferIsFreed,

    /// <summary>Buffer memory is not freed.</summary>
    RoomIsNotGivenBack,

    /// <summary>What got through goes on counting against a broker's window.</summary>
    WindowStaysShut,

    /// <summary>Every record of a batch is told the offset of the first.</summary>
    AckedOffsetIsTheBatchs,

    /// <summary>The last callback of a batch is not called.</summary>
    LastOutcomeIsNotTold,

    /// <summary>A callback is called twice.</summary>
    OutcomeIsToldTwice,

    /// <summary>A record without a key is written with an empty one.</summary>
    NullKeyBecomesEmpty,

    /// <summary>Keys are spread in another way than Java's producer spreads them.</summary>
    KeysGoElsewhereThanJavas,

    /// <summary>A batch that lingers is never due.</summary>
    LingerHasNoEnd,

    /// <summary>Disposing forgets what is not delivered yet.</summary>
    CloseDoesNotWait,

    /// <summary>A topic that metadata lacks for a moment begins its numbers anew.</summary>
    MissingTopicForgetsItsNumbers,

    /// <summary>A topic that was created anew counts as one whose brokers know the producer.</summary>
    NewTopicIsTakenForTheOld,

    /// <summary>A producer id that could not be had is not asked for again.</summary>
    ProducerIdIsAskedForOnce,

    /// <summary>Requests go out in our newest version, whatever the broker speaks.</summary>
    VersionsAreNotAgreedOn,

    /// <summary>A broker that asks to be left alone is not (KIP-219).</summary>
    ThrottleIsIgnored,

    /// <summary>A broker that does not answer keeps its connection.</summary>
    SilenceIsWaitedOut,

    /// <summary>What a broken connection had not sent goes out on the next one (Dekaf #1555).</summary>
    HalfARequestStays,

    /// <summary>A connection that broke says that nothing was sent.</summary>
    LostIsNotSent,

    /// <summary>An answer that comes after its caller gave up is handed over.</summary>
    LateAnswerIsTaken,

    /// <summary>Requests fail while the transport still holds their buffers.</summary>
    RequestsFailBeforeTheClose,

    /// <summary>A broker that could not be reached twice is not tried again (KAFKA-15817).</summary>
    FailedConnectionIsNotTriedAgain,

    /// <summary>Metadata with an older leader epoch is believed.</summary>
    OlderLeaderIsTaken,

    /// <summary>A passing error of a topic forgets its partitions.</summary>
    TopicErrorWipesThePartitions,

    /// <summary>Nothing that shows that the view is old leads to another.</summary>
    RefreshIsForgotten,

    /// <summary>A coordinator that moved is asked for ever.</summary>
    CoordinatorIsKept,

    /// <summary>A log that was cut off is read on from where it was left (KIP-320).</summary>
    CutLogIsNotNoticed,

    /// <summary>An answer to what was asked before a seek or a revocation is taken.</summary>
    OldFetchIsTaken,

    /// <summary>Records before the position are handed out (Dekaf #2074).</summary>
    BatchIsGivenFromItsBeginning,

    /// <summary>A loop that is left counts what it had in hand as read.</summary>
    RecordInHandIsSkipped,

    /// <summary>A fetch session is not told where to go on.</summary>
    SessionHearsOfNoChange,

    /// <summary>A session that the broker lost is gone on with.</summary>
    LostSessionIsGoneOnWith,

    /// <summary>Each fetch begins a session and names every partition.</summary>
    SessionBeginsAnewEachTime,

    /// <summary>Brokers are asked for records of open transactions too.</summary>
    OpenTransactionsAreAskedFor,

    /// <summary>Records of aborted transactions are handed out.</summary>
    AbortedRecordsAreGiven,

    /// <summary>What a producer writes after its aborted transaction is left out too.</summary>
    AbortMarkerIsNotSeen,

    /// <summary>The list of aborted transactions is believed to come in order (franz-go 1.21.4).</summary>
    AbortedListIsTakenAsSorted,

    /// <summary>A commit names what was fetched, and not what was finished (KAFKA-18641).</summary>
    CommitNamesWhatWasFetched,

    /// <summary>A commit names the record that the application still has in hand.</summary>
    CommitNamesTheRecordInHand,

    /// <summary>A commit names partitions that were given up.</summary>
    CommitNamesWhatWasGivenUp,

    /// <summary>A connection that breaks sends reading back to the beginning.</summary>
    BrokenConnectionResetsThePosition,

    /// <summary>A heartbeat's REBALANCE_IN_PROGRESS is ignored.</summary>
    RebalanceIsNotHeard,

    /// <summary>A member that is expelled goes on.</summary>
    ExpelledMemberGoesOn,

    /// <summary>The member id of MEMBER_ID_REQUIRED is not kept.</summary>
    MemberIdIsForgotten,

    /// <summary>A second JoinGroup leaves while one is pending.</summary>
    JoinsAreSentTwice,

    /// <summary>An error that may pass ends the member.</summary>
    PassingErrorEndsTheMember,

    /// <summary>Partitions given up in a cooperative rebalance get no other owner (librdkafka #4059).</summary>
    GivenUpPartitionsWaitForNobody,

    /// <summary>A partition is given up while its record is still in hand.</summary>
    RecordInHandIsNotWaitedFor,

    /// <summary>A rebalance that meets the end of the consumer tells the application twice what it gives up.</summary>
    HandlersAreToldTwice,

    /// <summary>What does not divide evenly is assigned to nobody.</summary>
    LeftOverPartitionsAreForgotten,

    /// <summary>A partition is assigned to two members.</summary>
    FirstPartitionIsGivenTwice,

    /// <summary>The sum of a batch is not held against its bytes.</summary>
    DamageIsNotNoticed,

    /// <summary>The time of day, which can be set, measures deadlines.</summary>
    TimeOfDayMeasuresTime,

    /// <summary>What a broker can do is asked once, though it may come back as another version.</summary>
    VersionsOfABrokerAreKept,

    /// <summary>A name that could not be resolved is not looked up again.</summary>
    NameIsLookedUpOnce,

    /// <summary>A broker that has moved is looked for at its old address.</summary>
    OldAddressIsKept,

    /// <summary>MESSAGE_TOO_LARGE is tried again as it is, instead of in parts.</summary>
    TooLargeIsSentAgain,

    /// <summary>OFFSET_OUT_OF_RANGE is tried again at the same offset.</summary>
    OutOfRangeIsTriedAgain,

    /// <summary>The next fetch begins behind as many offsets as there were records, though compaction has left gaps.</summary>
    RecordsAreCountedAsOffsets,

    /// <summary>Acknowledgements are told as they come, a later batch's before an earlier one's.</summary>
    AcksAreToldAsTheyCome,

    /// <summary>A topic that nobody wrote to for long begins anew with its numbers (KIP-526).</summary>
    RestingTopicForgetsItsNumbers,

    /// <summary>A batch is sent before its partition is in the transaction.</summary>
    PartitionIsNotAdded,

    /// <summary>A partition that was in one transaction counts as one of the next.</summary>
    PartitionIsAddedOnce,

    /// <summary>A record that failed does not keep its transaction from being committed.</summary>
    FailedRecordIsForgotten,

    /// <summary>The commit is asked for before every record has its outcome.</summary>
    CommitGoesAheadOfItsRecords,

    /// <summary>The abort is asked for while records are on their way, which are of the next transaction then.</summary>
    AbortGoesAheadOfItsRecords,

    /// <summary>Transactions follow version 2 though the cluster has not finalized it (franz-go 1.19.2).</summary>
    TransactionsAreOfVersion2,

    /// <summary>The end of a transaction is asked for in which nothing was begun (franz-go 1.21.4).</summary>
    NothingIsEndedAsSomething,

    /// <summary>After an end without an answer the next transaction begins under the same epoch (librdkafka #5423).</summary>
    LateEndMeetsTheNextTransaction,

    /// <summary>The first transaction of version 2 begins under the epoch of the last one of version 1.</summary>
    NewRulesKeepTheOldEpoch,

    /// <summary>The epoch that comes with the end of a transaction of version 2 is not taken.</summary>
    EpochOfTheEndIsNotTaken,

    /// <summary>An end whose answer was lost counts as done.</summary>
    LostEndIsTakenForDone,

    /// <summary>CONCURRENT_TRANSACTIONS ends the producer (franz-go 1.21.4).</summary>
    ConcurrentTransactionsEndTheProducer,

    /// <summary>A producer that was shut out tries again.</summary>
    FenceIsTriedAgain,

    /// <summary>A transaction's coordinator that has moved is asked where it was.</summary>
    TransactionCoordinatorIsKept,

    /// <summary>Numbers begin anew under a higher epoch inside of a transaction (librdkafka #3575).</summary>
    EpochIsRaisedInATransaction,

    /// <summary>Offsets in a transaction do not name the member that read them, so that nobody can refuse them (KIP-447).</summary>
    OffsetsAreNobodys,

    /// <summary>A partition that went to another member and came back counts as one that was kept.</summary>
    ReturnedPartitionIsTakenForKept,

    /// <summary>After an abort reading goes on where it was.</summary>
    AbortDoesNotRewind,

    /// <summary>Offsets of transactions that are open are taken for committed ones (KIP-447).</summary>
    OpenOffsetsAreRead,

    /// <summary>A member of the consumer protocol says that it gave up a partition before the application has (KIP-848).</summary>
    RevocationIsToldBeforeItIsDone,

    /// <summary>A heartbeat without an answer is followed by one that says only what is new since.</summary>
    LostHeartbeatIsNotSaidAgain,

    /// <summary>A member that the coordinator counts out keeps its partitions and its epoch.</summary>
    FencedMemberGoesOn,

    /// <summary>A runner's position is behind the last record that was finished, though one before it was not.</summary>
    CommitPassesAnUnfinishedRecord,

    /// <summary>A partition is given up while a runner's handlers work on its records.</summary>
    HandlersAreNotWaitedFor,

    /// <summary>A handler from before a partition was lost moves the position of the partition that has come back.</summary>
    OldHandlerMovesTheNewPosition,

    /// <summary>Records of a key are handled side by side where they lie in different batches.</summary>
    KeysBeginAnewWithEachBatch,

    /// <summary>A record whose handler threw counts as finished.</summary>
    FailedRecordIsFinished,

    /// <summary>A partition of which too much is in hand is never read on.</summary>
    FullPartitionStaysShut,

    /// <summary>Records that wait for their turn begin after their partition was given up.</summary>
    WaitingRecordsOutliveARevocation,

    /// <summary>What was finished behind the position before a pause is handed out again after it.</summary>
    FinishedBehindAPauseIsForgotten,

    /// <summary>The bytes of a chunk serve others once it is read, though handlers still work on its records.</summary>
    BytesGoBeforeTheirHandlers,

    /// <summary>A handler that runs for longer than MaxPollInterval is not noticed, since the runner waits for records all the while.</summary>
    StuckHandlerIsNotNoticed,

    /// <summary>A position that the log does not hold is followed by where a new group begins, whatever the rule for that says.</summary>
    OutOfRangeBeginsLikeANewGroup,

    /// <summary>Where no record is as young as is sought the end is, however many have been written since that was asked.</summary>
    RecordBeforeTheEndIsMissed,

    /// <summary>The end of a partition is told with each answer that has nothing new.</summary>
    EndIsToldWithEachAnswer,

    /// <summary>Records of a poll are finished when they are handed out.</summary>
    PolledRecordsAreFinishedAtOnce,

    /// <summary>A partition that was added to a topic is read from where it ends when that is noticed.</summary>
    NewPartitionIsReadFromItsEnd,

    /// <summary>A bounded read waits for a record behind its bound, and for ever where there is none.</summary>
    BoundIsReachedByRecordsAlone,

    /// <summary>A member of the consumer protocol that joins again says what it owned before (KIP-848).</summary>
    JoinTellsWhatWasOwned,

    /// <summary>A static member of the consumer protocol that closes gives up its name.</summary>
    StaticMemberLeavesForGood,

    /// <summary>A name that a dead process has not been counted out of ends who comes in its place.</summary>
    UnreleasedNameEndsTheMember,

    /// <summary>A topic that was deleted and created anew is read on where the old one was.</summary>
    NewTopicIsReadWhereTheOldWas,

    /// <summary>Offsets of a topic that is gone are committed for the one that has its name now.</summary>
    OffsetsAreCommittedByName,

    /// <summary>A replica that was named once is read from for ever, though it lags behind (KIP-392).</summary>
    ReplicaLeaseHasNoEnd,

    /// <summary>A replica that cannot be reached is tried again for as long as its lease lasts.</summary>
    DeadReplicaIsWaitedFor,

    /// <summary>A follower's word that it does not have an offset resets the position (librdkafka #4616).</summary>
    ReplicaIsBelievedThatAnOffsetIsNotThere,

    /// <summary>What was acknowledged in a session that has ended is neither sent nor told (KIP-932).</summary>
    AcknowledgementIsLostWithItsSession,

    /// <summary>Offsets that were acquired and hold no record are said nothing of, and come again for ever.</summary>
    GapIsNotAcknowledged,

    /// <summary>Records that lie in a batch beside those that were acquired are handed out, though others have them.</summary>
    RecordsThatWereNotAcquiredAreGiven,

    /// <summary>After a request of a share session without an answer the next one has its epoch again.</summary>
    ShareEpochIsUsedAgain,

    /// <summary>A lock that is to be renewed is told as accepted (KIP-1222).</summary>
    RenewalIsToldAsAccept,

    /// <summary>A record that its loop left behind is accepted.</summary>
    RecordInHandIsAccepted,

    /// <summary>A record whose lock has ended meanwhile is handed out.</summary>
    EndedLockIsNotLookedAt,

    /// <summary>A connection on which nothing is sent is closed, and what was acquired by it is given to others.</summary>
    LocksEndWithAnIdleConnection,

    /// <summary>An item of an admin's call that was sent is told as never sent.</summary>
    SentItemIsToldAsNeverSent,

    /// <summary>What a broker says of one item of an admin's call is taken for another.</summary>
    AnswerIsTakenForAnotherItem,

    /// <summary>An item of an admin's call whose answer was lost is told as done.</summary>
    UnansweredItemIsDone,

    /// <summary>That something is another broker's is shown to the caller of an admin instead of followed.</summary>
    MoveIsShown,

    /// <summary>A coordinator that has moved is asked again, and never looked for.</summary>
    MovedCoordinatorIsAskedOn,
}
#endif
