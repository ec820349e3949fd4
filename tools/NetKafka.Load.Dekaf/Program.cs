using NetKafka.Load.Commands;
using NetKafka.Load.Dekaf;

return await LoadProgram.RunAsync(args, [new DekafPeer()]);
