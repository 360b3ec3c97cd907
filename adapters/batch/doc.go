// Package batch makes one job of the items of many callers: 64 requests that each add a row
// become a few transactions, and not 64.
//
//	rows := batch.New(db, batch.Limits[Row]{}, func(db *DB, rows []Row) ([]int64, error) {
//		return db.InsertAll(rows) // one transaction
//	})
//	...
//	id, err := rows.Add(ctx, row)  // waits for the transaction; any number of goroutines
//	f := rows.Future(row)          // does not wait
//
// While a batch runs, the items that are added gather, and are the next batch. So a batch is
// as large as the load makes it, and an item that comes alone does not wait. [Limits] bound
// the size of a batch, or make it wait for more items.
//
// Each caller gets the result of its own item. An error or a panic of the job reaches all
// callers of that batch, unless the job says which items have failed; see [Errors].
//
// The module adapters/batch/sqlite of the same repository has an example with SQLite, which
// writes 20 times as fast as with a transaction for each row.
//
// # By hand
//
//	requests := make(chan request, 100)
//	go func() {
//		for first := range requests {
//			items := []request{first}
//			for more := true; more && len(items) < 100; {
//				select {
//				case r := <-requests:
//					items = append(items, r)
//				default:
//					more = false
//				}
//			}
//			results, err := db.InsertAll(items)
//			for i, r := range items {
//				r.reply <- reply{results[i], err}
//			}
//		}
//	}()
//	func Add(ctx context.Context, row Row) (int64, error) {
//		r := request{row, make(chan reply)}
//		requests <- r
//		select {
//		case got := <-r.reply:
//			return got.id, got.err
//		case <-ctx.Done():
//			return 0, ctx.Err()
//		}
//	}
//
// What this gets wrong, and a [Batch] does not:
//
//   - When one caller has given up, the send of its reply blocks, and with it everybody, for
//     good: the channel has no room.
//   - A row whose caller has given up is inserted all the same, and the error does not tell
//     whether it was. Here an item is taken out as long as its batch has not begun, and the
//     error says which of the two it was.
//   - A panic of InsertAll ends the process, and with an error results[i] is one. If
//     InsertAll calls runtime.Goexit, all callers wait forever.
//   - A full channel blocks Add beyond the end of ctx.
//   - The goroutine stays until the channel is closed, and then an Add panics. Nothing waits
//     for the rows in the channel when the process ends.
//   - The rest of the program uses db, too, and not in turns with the goroutine.
//   - If InsertAll calls Add, perhaps far down, everything stops, and no error says why.
//
// # Order
//
// The items are in the order of the calls, over Add and Future, within a batch and from batch
// to batch. A batch is one job of the object and takes its turn among the others, in its own
// place. An item may join a batch that is in the queue already, or may wait for more items
// first. So between an item and a job that is handed to the object in another way there is an
// order only if one of them has ended before the other is handed over: Add has returned, or
// the future has settled.
//
// # The end of the process
//
// When Add has returned, the item has had its effect: if the job has written it to a disk, it
// is there. What was only handed over is lost when the process ends, as with any background
// work; call [Batch.Flush] or [Batch.Close] before.
//
// # Testing
//
// A Batch that lives as long as the process may be used in one bubble of [testing/synctest],
// then in another, then outside, as long as it is flushed in between.
package batch
