import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.VeraPDFFoundry;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Asks veraPDF whether a file is of a flavour, ua1 or 3a: ValidatePdf FLAVOUR FILE. Prints what is wrong; ends with 1 then. */
public class ValidatePdf {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(arguments[0]);
        VeraPDFFoundry foundry = Foundries.defaultInstance();
        try (PDFAParser file = foundry.createParser(new FileInputStream(arguments[1]), flavour)) {
            ValidationResult result = foundry.createValidator(flavour, false).validate(file);
            for (TestAssertion assertion : result.getTestAssertions())
                if (assertion.getStatus() == TestAssertion.Status.FAILED)
                    System.out.println(assertion.getRuleId().getClause() + ": " + assertion.getMessage());
            System.exit(result.isCompliant() ? 0 : 1);
        }
    }
}
