import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.VeraPDFFoundry;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Asks veraPDF whether a file is of flavours, ua1 or 3a: ValidatePdf FILE FLAVOUR... Prints what is wrong; ends with 1 then. */
public class ValidatePdf {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        VeraPDFFoundry foundry = Foundries.defaultInstance();
        boolean isCompliant = true;
        for (int place = 1; place < arguments.length; place++) {
            PDFAFlavour flavour = PDFAFlavour.byFlavourId(arguments[place]);
            try (PDFAParser file = foundry.createParser(new FileInputStream(arguments[0]), flavour)) {
                ValidationResult result = foundry.createValidator(flavour, false).validate(file);
                for (TestAssertion assertion : result.getTestAssertions())
                    if (assertion.getStatus() == TestAssertion.Status.FAILED)
                        System.out.println(
                            arguments[place] + " " + assertion.getRuleId().getClause() + ": " + assertion.getMessage());
                isCompliant &= result.isCompliant();
            }
        }
        System.exit(isCompliant ? 0 : 1);
    }
}
