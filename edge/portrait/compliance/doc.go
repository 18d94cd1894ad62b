// Package compliance judges a portrait against what a document asks of its photo. It is arithmetic on measurements: no
// pixels, no nets, no files. So its tests are tables, and a rule is changed in one function.
//
// Every rule of the catalogue has a finding in every answer. One that nothing was measured for is not assessed and says
// why; not assessed is never a pass. A limit that an authority published is quoted with its source and date; one of ours
// says that it is ours.
package compliance
