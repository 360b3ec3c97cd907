package index

import (
	"cmp"
	"context"
	"io/fs"
	"slices"
)

// InOrder indexes the files one after the other on the calling goroutine. It
// calls progress after each file, with the number of files behind it. If ctx
// ends first, it returns what it has; see [Result.Whole].
func InOrder(ctx context.Context, fsys fs.FS, files []string, progress func(done int, lead Leader)) Result {
	all, sum := newNames(), newSums()
	var skipped []Skip
	for i, name := range files {
		f, skip, ok := parse(ctx, fsys, name)
		if !ok {
			break
		}
		if skip != nil {
			skipped = append(skipped, *skip)
		} else {
			all.add(f.names)
			sum.add(f)
		}
		progress(i+1, all.leader)
	}
	return newResult(len(files), all.tally, sum.byPackage, skipped)
}

func newResult(listed int, tally map[string]Tally, packages map[string]Totals, skipped []Skip) Result {
	slices.SortFunc(skipped, func(a, b Skip) int { return cmp.Compare(a.Path, b.Path) })
	return Result{Listed: listed, Names: tally, Packages: packages, Skipped: skipped}
}
