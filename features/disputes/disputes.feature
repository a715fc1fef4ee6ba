@disputes @pci-6.2.4 @cwe-840 @cwe-841 @asvs-V2.3.1
Feature: A cardholder takes the money back through the bank

  A chargeback takes the amount and a fee at once; a decision comes weeks later. Who does not see it loses the deadline;
  who refunds beside it pays twice; who mistakes a question for a chargeback gives up money that was never taken.

  @high @defect-D01
  Scenario Outline: <card> leads to a dispute that the shop sees
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the order is disputed
    And the shop counts 49.99 EUR as disputed
    And the books balance and agree with the provider

    Examples:
      | card                                             |
      | a card that will be disputed as fraudulent       |
      | a card that will be disputed as never received   |
      | a card that will be disputed over compliance     |
      | a card whose dispute can rest on past payments   |

  @high @defect-D01 @simulator-only
  Scenario: A payment that was settled long ago is disputed
    Given a shopper who paid 49.99 EUR
    When 30 days pass
    And the bank disputes the payment as fraudulent
    Then the order is disputed
    And the books balance and agree with the provider

  @medium @defect-D04 @simulator-only
  Scenario: A dispute takes the amount and the provider's fee
    Given a shopper who paid 100.00 EUR
    When the bank disputes the payment as fraudulent
    Then the order is disputed
    And the books show 100.00 EUR of disputed payments
    And the books show 15.00 EUR of dispute fees

  @medium @defect-D04 @simulator-only
  Scenario: A dispute over a part takes only the part
    Given a shopper who paid 100.00 EUR
    When the bank disputes 40.00 EUR of the payment as not as described
    Then the order is disputed
    And the shop counts 40.00 EUR as disputed
    And the books balance and agree with the provider

  @medium @defect-D04 @defect-D01
  Scenario: Several disputes over one payment are all counted
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that will be disputed more than once
    Then the order is disputed
    And the shop knows every dispute of the provider
    And the books balance and agree with the provider

  @critical @defect-D02 @defect-D01 @simulator-only
  Scenario: A disputed payment is not refunded as well
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    And the order is seen as disputed
    And the operator refunds 49.99 EUR
    Then the answer is a refusal, not an error of the server
    And the provider was never asked to refund
    And the order stays disputed

  @critical @defect-D02 @defect-W29 @simulator-only
  Scenario: A dispute that the shop has not heard of is not refunded either
    Given a shopper who paid 49.99 EUR
    And the provider's events are held back
    When the bank disputes the payment as fraudulent
    And the operator refunds 49.99 EUR
    And the held events arrive
    Then the order is disputed
    And the provider counts 0 refunds
    And the books balance and agree with the provider

  @low @defect-D05 @simulator-only
  Scenario: The shop knows until when it must answer
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    Then the order is disputed
    And the operator sees by when evidence is due

  @medium @defect-D03 @simulator-only
  Scenario: A dispute won brings the money back
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    And the order is seen as disputed
    And the operator contests the dispute with winning evidence
    Then the order is paid
    And the operator sees the dispute as won
    And the shop counts 0.00 EUR as disputed
    And the books balance and agree with the provider

  @medium @defect-D03 @simulator-only
  Scenario: After a dispute was won the payment can be refunded again
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    And the bank decides the dispute for the shop
    And the order is seen as paid
    And the operator refunds 49.99 EUR
    Then the order is refunded
    And the provider has 49.99 EUR refunded

  @high @defect-D01 @simulator-only
  Scenario: A dispute lost is lost
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    And the order is seen as disputed
    And the operator contests the dispute with losing evidence
    Then the order is lost
    And the operator sees the dispute as lost
    And the books balance and agree with the provider

  @critical @defect-D02 @simulator-only
  Scenario: After a dispute was lost nothing is left to refund
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    And the bank decides the dispute for the cardholder
    And the order is seen as lost
    And the operator refunds 49.99 EUR
    Then the answer is a refusal, not an error of the server
    And the provider was never asked to refund

  @medium @defect-D03 @simulator-only
  Scenario: Accepting a dispute closes it as lost
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    And the order is seen as disputed
    And the operator accepts the dispute
    Then the order is lost
    And the books balance and agree with the provider

  @medium @defect-D03 @simulator-only
  Scenario: A dispute follows a partial refund, and takes only what was left
    Given a shopper who paid 100.00 EUR
    When the operator refunds 30.00 EUR
    And the order is seen as partly refunded
    And the bank disputes 70.00 EUR of the payment as fraudulent
    Then the order is disputed
    And the shop counts 70.00 EUR as disputed
    And the books balance and agree with the provider
