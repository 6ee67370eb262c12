package catalog_test

import (
	"fmt"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

func ExampleCatalog_Resolve() {
	c := catalog.Embedded()
	for _, words := range []string{"예인선배열소나", "réseau remorqué", "towed arrays", "ammunition", "underwater.sonar.towed-aray"} {
		r := c.Resolve(words)
		switch code, chosen := r.Chosen(); {
		case chosen:
			fmt.Println(words, "is", code)
		case r.Ambiguous():
			fmt.Println(words, "may be", r.Codes)
		default:
			fmt.Println(words, "is unknown; nearest is", r.Nearest[0])
		}
	}
	// Output:
	// 예인선배열소나 is underwater.sonar.towed-array
	// réseau remorqué is underwater.sonar.towed-array
	// towed arrays is underwater.sonar.towed-array
	// ammunition may be [munitions.ammunition munitions]
	// underwater.sonar.towed-aray is unknown; nearest is underwater.sonar.towed-array
}

func ExampleCatalog_Sentence() {
	c := catalog.Embedded()
	for _, l := range catalog.Languages() {
		fmt.Println(c.Sentence(l, "award.open", "prog:cpsp"))
	}
	// Output:
	// Conditional: it depends on the award of Canadian Patrol Submarine Project.
	// Sous condition : dépend de l'attribution du programme « Programme de sous-marins canadiens de patrouille (PSCP) ».
	// 조건부: ‘캐나다 초계 잠수함 사업(CPSP)’의 사업자 선정 결과에 따라 유효합니다.
}
