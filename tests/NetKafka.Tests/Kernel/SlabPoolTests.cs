using CsCheck;
using NetKafka.Internal.Kernel;

namespace NetKafka.Tests.Kernel;

public sealed class SlabPoolTests
{
    const int LargestClass = 64 * 1024 * 1024;

    [Fact]
    public void Buffer_is_large_enough_and_wastes_at_most_a_quarter() =>
        Gen.OneOf(Gen.Int[0, 70_000], Gen.Int[4090, 8200], Gen.Int[1 << 19, 1 << 21]).Sample(bytes =>
        {
            var length = new SlabPool(0).Rent(bytes).Array.Length;
            Assert.InRange(length, bytes, Math.Max(4096, bytes * 5L / 4 + 1));
        });

    [Theory]
    [InlineData(4096, 4096)]
    [InlineData(4097, 5120)]
    [InlineData(8192, 8192)]
    [InlineData(8193, 10240)]
    [InlineData(1 << 20, 1 << 20)]
    [InlineData(LargestClass, LargestClass)]
    [InlineData(LargestClass + 1, LargestClass + 1)]
    public void Classes_are_four_to_a_doubling_up_to_64_mebibytes(int asked, int given) =>
        Assert.Equal(given, new SlabPool(0).Rent(asked).Array.Length);

    [Fact]
    public void Returned_buffer_is_used_again_for_its_class_only()
    {
        var pool = new SlabPool(1 << 20);
        var first = pool.Rent(5000);
        first.Release();

        Assert.NotSame(first, pool.Rent(6000));
        Assert.Same(first, pool.Rent(4100));
        Assert.NotSame(first, pool.Rent(5000));
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        var pool = new SlabPool(2 * 4096);
        var leases = Enumerable.Range(0, 5).Select(_ => pool.Rent(4096)).ToList();
        leases.ForEach(lease => lease.Release());

        var again = Enumerable.Range(0, 5).Select(_ => pool.Rent(4096)).ToList();
        Assert.Equal(2, again.Count(leases.Contains));
    }

    [Fact]
    public void Size_that_nobody_asks_for_gives_way_to_one_that_comes_back()
    {
        var pool = new SlabPool(64 * 1024);
        Enumerable.Range(0, 16).Select(_ => pool.Rent(4096)).ToList().ForEach(lease => lease.Release());
        var large = pool.Rent(32 * 1024);
        large.Release();

        Assert.Same(large, pool.Rent(32 * 1024));
        var left = Enumerable.Range(0, 16).Count(_ => pool.Rent(4096).Generation > 0);
        Assert.Equal(8, left);
    }

    [Fact]
    public void Buffer_larger_than_all_that_may_be_kept_drives_none_out()
    {
        var pool = new SlabPool(64 * 1024);
        var small = pool.Rent(4096);
        small.Release();
        pool.Rent(128 * 1024).Release();

        Assert.Same(small, pool.Rent(4096));
    }

    [Fact]
    public void From_a_mebibyte_on_a_buffer_of_up_to_twice_the_size_is_used_again()
    {
        var pool = new SlabPool(64 << 20);
        var eight = pool.Rent(8 << 20);
        eight.Release();

        Assert.NotSame(eight, pool.Rent(3 << 20));
        Assert.Same(eight, pool.Rent(4 << 20));
        var small = pool.Rent(8 * 1024);
        small.Release();
        Assert.NotSame(small, pool.Rent(4 * 1024));
    }

    [Fact]
    public void Sizes_within_a_doubling_need_no_new_buffers_in_the_end()
    {
        var pool = new SlabPool(128 << 20);
        var random = new Random(1);
        var held = new Queue<Lease>();
        var made = 0;
        for (var i = 0; i < 3000; i++)
        {
            var lease = pool.Rent(random.Next(8 << 20, 15 << 20));
            made += i >= 1000 && lease.Generation == 0 ? 1 : 0;
            held.Enqueue(lease);
            if (held.Count > 2)
                held.Dequeue().Release();
        }
        Assert.Equal(0, made);
    }

    [Fact]
    public void Buffer_above_the_largest_class_is_not_kept()
    {
        var pool = new SlabPool(long.MaxValue);
        var large = pool.Rent(LargestClass + 1);
        large.Release();

        Assert.NotSame(large, pool.Rent(LargestClass + 1));
    }

    [Fact]
    public void Last_share_returns_the_buffer()
    {
        var pool = new SlabPool(1 << 20);
        var lease = pool.Rent(100);
        lease.Share();
        lease.Release();
        Assert.Equal(1, pool.RentedCount);
        Assert.NotSame(lease, pool.Rent(100));

        lease.Release();
        Assert.Equal(1, pool.RentedCount);
        Assert.Same(lease, pool.Rent(100));
    }

    [Fact]
    public void Generation_changes_with_every_return()
    {
        var pool = new SlabPool(1 << 20);
        var lease = pool.Rent(100);
        var first = lease.Generation;
        lease.Share();
        lease.Release();
        Assert.Equal(first, lease.Generation);
        lease.Release();
        Assert.NotEqual(first, lease.Generation);

        Assert.Same(lease, pool.Rent(100));
        Assert.NotEqual(first, lease.Generation);
    }

    [Fact]
    public void Second_return_and_late_share_are_errors()
    {
        var pool = new SlabPool(1 << 20);
        var lease = pool.Rent(100);
        lease.Release();

        Assert.Throws<InvalidOperationException>(lease.Release);
        Assert.Throws<InvalidOperationException>(lease.Share);
        Assert.Same(lease, pool.Rent(100));
        lease.Release();
        Assert.Equal(0, pool.RentedCount);
    }

    [Fact]
    public void Many_threads_never_hold_one_buffer_at_once()
    {
        var pool = new SlabPool(1 << 20);
        var clashes = 0;
        Parallel.For(0, 8, worker =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var lease = pool.Rent(4096 + worker % 2 * 1000);
                lease.Array[0] = (byte)worker;
                lease.Array[4095] = (byte)i;
                if (lease.Array[0] != (byte)worker || lease.Array[4095] != (byte)i)
                    Interlocked.Increment(ref clashes);
                lease.Release();
            }
        });
        Assert.Equal(0, clashes);
        Assert.Equal(0, pool.RentedCount);
    }
}
