package dbtest

var throttleCases = Group{Name: "throttle", Cases: []func(*Case){
	databaseAndMemoryCountAlike, limitHoldsForConcurrentAttempts,
}}
